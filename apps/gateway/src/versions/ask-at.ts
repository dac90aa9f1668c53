import type { Success, VersionChain } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';

/** What of a request goes to the service. */
export interface Sent {
  readonly query: string;
  readonly body: Uint8Array;
}

const NO_BYTES = new Uint8Array();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Asks in the newest shape for a caller of an older one, and gives the answer back in the caller's. */
export async function askAt(
  chain: VersionChain,
  { query, body, json }: Sent & { json: unknown },
  ask: (sent: Sent) => Promise<Success>,
): Promise<Success> {
  const success = await ask(chain.up ? encode(chain.up({ query, body: json })) : { query, body }).catch(
    (error: unknown) => refuse(chain, error),
  );
  if (!chain.down || success.body.length === 0) return success;
  const answer = chain.down(JSON.parse(decoder.decode(success.body)));
  return { ...success, body: encoder.encode(JSON.stringify(answer)) };
}

function encode({ query, body }: { query: string; body: unknown }): Sent {
  return { query, body: body === undefined ? NO_BYTES : encoder.encode(JSON.stringify(body)) };
}

function refuse({ downRefusal }: VersionChain, error: unknown): never {
  if (!(error instanceof ProblemError) || !error.extras || !downRefusal) throw error;
  const { code, message, errors, retryAfterSeconds, extras, headers } = error;
  throw new ProblemError(code, message, {
    errors,
    headers,
    extras: downRefusal(extras),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
