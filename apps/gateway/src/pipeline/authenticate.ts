import type { CredentialDirectory, KnownCredential } from '../identity/credential-directory.js';
import { presentedCredential, unauthorized } from '../identity/presented-credential.js';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

/** Who asks. A key in the query is never read; expiry is checked each time, however the key was found. */
export function authenticate(directory: CredentialDirectory): Stage {
  return (exchange) => {
    const found = directory.identify(presentedCredential(exchange.request.raw));
    if (found instanceof Promise) return found.then((known) => enter(directory, exchange, known));
    enter(directory, exchange, found);
  };
}

function enter(directory: CredentialDirectory, exchange: Exchange, known: KnownCredential): void {
  const nowUnixMs = Date.now();
  const { expiresUnixMs } = known;
  if (expiresUnixMs !== 0 && expiresUnixMs <= nowUnixMs) throw unauthorized();
  exchange.credential = known;
  directory.uses.note(known.serviceCredentialId ?? known.apiKeyId, nowUnixMs);
  if (known.isRotated) exchange.reply.header('api-key-expires', `@${Math.floor(expiresUnixMs / 1_000)}`);
}
