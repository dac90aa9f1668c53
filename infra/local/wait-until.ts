import { setTimeout as pause } from 'node:timers/promises';
import { readLogTail } from './log-tail.ts';
import type { SupervisedProcess } from './supervised-process.ts';

export interface Wait {
  what: string;
  /** Undefined when it is ready, else what it said. */
  check: () => Promise<string | undefined>;
  processes: readonly SupervisedProcess[];
  timeoutMs: number;
  signal: AbortSignal;
}

/** Thrown by a check when waiting longer cannot help. */
export class NeverReady extends Error {}

const pollMs = 50;
const hopelessFailures = 4;

/** Polls until ready. On failure the error holds the last answer and the end of each failing log. */
export async function waitUntilReady(wait: Wait): Promise<void> {
  const deadline = Date.now() + wait.timeoutMs;
  for (;;) {
    const answer = await wait.check().catch(answerOf);
    if (answer === undefined) return;
    wait.signal.throwIfAborted();
    const hopeless = wait.processes.filter((process) => process.failuresInARow >= hopelessFailures);
    if (hopeless.length > 0) throw new Error(`${wait.what} does not start.\n${tails(hopeless)}`);
    if (Date.now() >= deadline) {
      const seconds = wait.timeoutMs / 1000;
      const suspects = wait.processes.filter((process) => process.failuresInARow > 0);
      const logs = tails(suspects.length > 0 ? suspects : wait.processes);
      throw new Error(`${wait.what} is not ready after ${seconds} s. It says: ${answer}\n${logs}`);
    }
    await pause(pollMs);
  }
}

function answerOf(error: Error): string {
  if (error instanceof NeverReady) throw error;
  return error.message;
}

function tails(processes: readonly SupervisedProcess[]): string {
  return processes.map(({ logPath }) => `end of ${logPath}:\n${readLogTail(logPath)}`).join('\n');
}
