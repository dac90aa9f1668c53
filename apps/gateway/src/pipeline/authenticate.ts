import type { CredentialDirectory, KnownCredential } from '../identity/credential-directory.js';
import { presentedCredential, unauthorized } from '../identity/presented-credential.js';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

/** Who asks. A key in the query is never read; expiry is checked each time, however the key was found. */
export function authenticate(directory: CredentialDirectory): Stage {
  return (exchange) => {
    const found = directory.identify(presentedCredential(exchange.request.raw));
    if (found instanceof Promise) return found.then((known) => enter(exchange, known));
    enter(exchange, found);
  };
}

function enter(exchange: Exchange, known: KnownCredential): void {
  if (known.expiresUnixMs !== 0 && known.expiresUnixMs <= Date.now()) throw unauthorized();
  exchange.credential = known;
}
