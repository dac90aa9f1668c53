import { keyReused, mismatchOf } from '@magistry/idempotency';
import type { AppendResult, PendingAppend } from './append-queue.js';
import type { KeyedAppend } from './batch.js';

/** The first of its key in a batch. */
export interface Leader extends KeyedAppend {
  /** Copies of the same request that came while it waited; they share its fate. */
  readonly twins: PendingAppend[];
}

/** Tells callers their outcome; held back until the commit. */
export type Settle = () => void;

export function answering({ append, twins }: Leader, result: AppendResult): Settle {
  return () => {
    append.resolve(result);
    for (const twin of twins)
      answerTwin(twin, append, () => twin.resolve({ replayOf: append.context.requestId, ...result }));
  };
}

export function refusing({ append, twins }: Leader, error: unknown): Settle {
  return () => {
    append.reject(error);
    for (const twin of twins) answerTwin(twin, append, () => twin.reject(error));
  };
}

function answerTwin(twin: PendingAppend, first: PendingAppend, answer: () => void): void {
  const mismatch = mismatchOf(fingerprintOf(first), fingerprintOf(twin));
  if (mismatch.length > 0) twin.reject(keyReused(mismatch));
  else answer();
}

function fingerprintOf({ context }: PendingAppend): Uint8Array {
  return context.idempotency?.fingerprint ?? new Uint8Array(0);
}
