import type { CredentialDirectory, KnownCredential } from '../identity/credential-directory.js';
import type { DpopProofs } from '../identity/dpop-proofs.js';
import type { MagsagKey } from '../identity/magsag-key.js';
import { isUnderDpop, presentedCredential, unauthorized } from '../identity/presented-credential.js';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

/**
 * Who asks. A credential in the query is never read; expiry is checked each time, however it was found. A token that
 * is bound to a key comes with a proof, and no other does. The routes of seed 004 take its shared secret, too.
 */
export function authenticate(
  directory: CredentialDirectory,
  proofs: DpopProofs,
  magsagKey: MagsagKey | undefined,
): Stage {
  return (exchange) => {
    const { raw } = exchange.request;
    if (magsagKey && exchange.route.style === 'runs' && magsagKey.isPresentedBy(raw))
      return magsagKey.identify().then((known) => enter(directory, exchange, known));
    const credential = presentedCredential(raw);
    const found = directory.identify(credential);
    if (!(found instanceof Promise)) return prove(directory, proofs, exchange, credential, found);
    return found.then((known) => prove(directory, proofs, exchange, credential, known));
  };
}

function prove(
  directory: CredentialDirectory,
  proofs: DpopProofs,
  exchange: Exchange,
  credential: string,
  known: KnownCredential,
): void | Promise<void> {
  const { request } = exchange;
  const isToken = known.apiKeyId === 0;
  if (!isToken || (known.dpopThumbprint === '' && !isUnderDpop(request.headers.authorization))) {
    return enter(directory, exchange, known);
  }
  const proven = proofs.verify(request, credential, known.dpopThumbprint);
  return proven.then(() => enter(directory, exchange, known));
}

function enter(directory: CredentialDirectory, exchange: Exchange, known: KnownCredential): void {
  const nowUnixMs = Date.now();
  const { expiresUnixMs } = known;
  if (expiresUnixMs !== 0 && expiresUnixMs <= nowUnixMs) throw unauthorized();
  exchange.credential = known;
  const used = known.serviceCredentialId ?? known.apiKeyId;
  if (used !== 0) directory.uses.note(used, nowUnixMs);
  if (known.isRotated) exchange.reply.header('api-key-expires', `@${Math.floor(expiresUnixMs / 1_000)}`);
}
