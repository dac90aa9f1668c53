import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { remainingMs } from '@magistry/request-context';
import type { Command } from '../domain/commands.js';

export interface AppendResult {
  readonly body: string;
  /** Request id of the first answer when this one is a replay. */
  readonly replayOf?: string;
  readonly isPolicyMoved?: boolean;
  /** Nothing was written, not even the answer under its key. */
  readonly isWithoutEffect?: boolean;
}

/** A command that waits for its place in the ledger. */
export interface PendingAppend {
  readonly context: RequestContext;
  readonly command: Command;
  readonly queuedUnixMs: number;
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

const QUEUE_LENGTH_MAX = 4_096;

/** Callers wait here, bounded, and never inside Postgres. */
export class AppendQueue {
  private waiting: PendingAppend[] = [];

  get length(): number {
    return this.waiting.length;
  }

  /** When what waits longest was queued; undefined when nothing waits. */
  get oldestUnixMs(): number | undefined {
    return this.waiting[0]?.queuedUnixMs;
  }

  push(append: PendingAppend): void {
    if (this.waiting.length >= QUEUE_LENGTH_MAX) append.reject(overloaded());
    else this.waiting.push(append);
  }

  /** Up to `countMax` commands in order of arrival; those past their deadline are dropped before they count. */
  take(countMax: number, nowUnixMs: number): PendingAppend[] {
    const taken: PendingAppend[] = [];
    let index = 0;
    for (; index < this.waiting.length && taken.length < countMax; index++) {
      const append = this.waiting[index];
      if (!append) break;
      if (remainingMs(append.context, nowUnixMs) > 0) taken.push(append);
      else append.reject(expired());
    }
    this.waiting = this.waiting.slice(index);
    return taken;
  }

  /** Nothing of what waits has run: all may be retried elsewhere. */
  refuseAll(): void {
    for (const append of this.waiting) append.reject(notHere());
    this.waiting = [];
  }
}

export function notHere(): ProblemError {
  return new ProblemError(
    'service_unavailable',
    'The ledger is moving to another writer; nothing ran. Retry shortly.',
    {
      retryAfterSeconds: 1,
    },
  );
}

function overloaded(): ProblemError {
  return new ProblemError('service_unavailable', 'The ledger is busy; nothing ran. Retry shortly.', {
    retryAfterSeconds: 1,
  });
}

function expired(): ProblemError {
  return new ProblemError('timeout', 'The request waited past its deadline; nothing ran.');
}
