import type { Thread } from './event.js';

/** How a command ended: told in its thread, meant for nobody here, not permitted, or not to be told. */
export type CommandState = 'open' | 'answered' | 'ignored' | 'refused' | 'given-up';

/** A command with what has been done for it so far. */
export interface GithubCommand {
  readonly id: string;
  readonly thread: Thread;
  readonly sender: string;
  readonly author: string;
  readonly slug: string;
  readonly payload: Record<string, unknown>;
  readonly fault: string | null;
  readonly runWorkspaceId: number | null;
  readonly runId: string | null;
  /** A comment may be there, though its id is not known. */
  readonly isCommentBegun: boolean;
  readonly commentId: number | null;
  readonly attempts: number;
  readonly createdAt: Date;
}

const ATTEMPTS_MAX = 8;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60 * 1_000;
/** Also of a command that only ever waits for GitHub's limits: an answer after that helps nobody. */
const AGE_MS_MAX = 6 * 60 * 60 * 1_000;

/** When a command is tried again after a failed attempt; undefined when it is given up. */
export function nextAttempt(
  { attempts, createdAt }: Pick<GithubCommand, 'attempts' | 'createdAt'>,
  now: number,
): { readonly attempts: number; readonly at: Date } | undefined {
  if (attempts + 1 >= ATTEMPTS_MAX || now - createdAt.getTime() >= AGE_MS_MAX) return undefined;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS);
  return { attempts: attempts + 1, at: new Date(now + pauseMs) };
}

/** When a command is tried again that GitHub's limits hold back; that is no failed attempt. */
export function attemptBehindLimit(
  { attempts, createdAt }: Pick<GithubCommand, 'attempts' | 'createdAt'>,
  freeAt: number,
): { readonly attempts: number; readonly at: Date } | undefined {
  return freeAt - createdAt.getTime() >= AGE_MS_MAX ? undefined : { attempts, at: new Date(freeAt) };
}
