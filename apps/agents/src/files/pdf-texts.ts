import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ProblemError } from '@magistry/errors';
import type { PdfResult, PdfTask } from './pdf-thread.js';

export interface PdfLimits {
  readonly timeMs: number;
  readonly memoryBytes: number;
  readonly pagesMax: number;
  readonly charactersMax: number;
}

export const PDF_LIMITS: PdfLimits = {
  timeMs: 10_000,
  memoryBytes: 256 * 1024 * 1024,
  pagesMax: 200,
  charactersMax: 1_000_000,
};

/** A PDF has no text that can be had. The message says of the file why: "is protected by a password". */
export class UnreadablePdf extends Error {}

// As TypeScript in tests, and as it is built.
const THREAD = new URL(`./pdf-thread${extname(import.meta.url)}`, import.meta.url);
const THREADS_MAX = 2;
const WAITING_MAX = 8;
const LOOK_EVERY_MS = 50;
const YOUNG_HEAP_MIB = 32;
const MIB = 1024 * 1024;

/**
 * The texts of PDFs. Each is read in a thread of its own, which ends with it: a hostile document costs its sender an
 * answer, and no other request its time.
 */
export class PdfTexts {
  private reading = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limits: PdfLimits = PDF_LIMITS) {}

  /** `isWhole` is false where pages or characters were left out. Throws `UnreadablePdf`, or `service_unavailable`. */
  async read(bytes: Uint8Array): Promise<{ readonly text: string; readonly isWhole: boolean }> {
    await this.enter();
    try {
      const result = await this.readInThread(bytes);
      if (result.kind === 'locked') throw new UnreadablePdf('is protected by a password');
      if (result.kind === 'broken') throw new UnreadablePdf('is broken');
      return result;
    } finally {
      this.leave();
    }
  }

  private readInThread(bytes: Uint8Array): Promise<PdfResult> {
    const { timeMs, memoryBytes, pagesMax, charactersMax } = this.limits;
    const task: PdfTask = { bytes: new Uint8Array(bytes), pagesMax, charactersMax };
    const thread = new Worker(THREAD, {
      workerData: task,
      // The parent's own options, such as a test runner's, are none of its business.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryBytes / MIB, maxYoungGenerationSizeMb: YOUNG_HEAP_MIB },
    });
    thread.unref();
    return new Promise<PdfResult>((resolve, reject) => {
      const refuse = (why: string) => reject(new UnreadablePdf(why));
      const timer = setTimeout(() => refuse(`takes more than ${timeMs / 1_000} s to read`), timeMs);
      const look = setInterval(async () => {
        if ((await memoryOf(thread)) > memoryBytes) refuse('takes too much memory to read');
      }, LOOK_EVERY_MS);
      thread.once('message', resolve);
      thread.once('error', () => refuse('cannot be read'));
      thread.once('exit', () => {
        clearTimeout(timer);
        clearInterval(look);
        refuse('cannot be read');
      });
    }).finally(() => thread.terminate());
  }

  private async enter(): Promise<void> {
    if (this.reading < THREADS_MAX) this.reading += 1;
    else if (this.waiting.length >= WAITING_MAX)
      throw new ProblemError(
        'service_unavailable',
        'Too many PDFs are being read. Send it again in a moment.',
      );
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  // Whoever waits longest takes the place over.
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.reading -= 1;
  }
}

/** Its heap and what lies beside it: streams are unpacked into buffers that no limit of the heap counts. */
async function memoryOf(thread: Worker): Promise<number> {
  const statistics = await thread.getHeapStatistics().catch(() => undefined);
  return statistics ? statistics.used_heap_size + statistics.external_memory : 0;
}
