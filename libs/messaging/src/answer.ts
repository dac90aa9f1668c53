import type { MessageInitShape } from '@bufbuild/protobuf';
import type { EventLogSchema } from '@magistry/contracts';

const encoder = new TextEncoder();

/** What a public operation answers: final JSON bytes, passed through the gateway as they are. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Nothing was changed and no answer kept: the request's Idempotency-Key is free again. */
  readonly withoutEffect?: boolean;
  /** Followed by the gateway in the place of a body. */
  readonly eventLog?: MessageInitShape<typeof EventLogSchema>;
  /** The gateway may keep the answer and ask for it again by this. */
  readonly etag?: string;
  /** There is none yet; who asks with patience asks again. */
  readonly isPending?: boolean;
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, body: encoder.encode(JSON.stringify(value)) };
}

export function bytesAnswer(body: Uint8Array, headers?: Readonly<Record<string, string>>): Answer {
  return headers ? { status: 200, body, headers } : { status: 200, body };
}

/** The answer of a DELETE. */
export const NO_CONTENT: Answer = { status: 204, body: new Uint8Array(0) };

/** To who asks with patience (`isAskedAgain` of the contract): what it asked for goes on. */
export const PENDING: Answer = { status: 202, body: new Uint8Array(0), isPending: true };

/** The answer that the caller has would be given again. */
export function notModified(etag: string): Answer {
  return { status: 304, body: new Uint8Array(0), etag };
}

/** The gateway follows the log for its client, as the contract's `streams` say. */
export function eventLogAnswer(eventLog: MessageInitShape<typeof EventLogSchema>): Answer {
  return { status: 200, body: new Uint8Array(0), eventLog };
}
