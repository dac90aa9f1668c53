import { RATE_MAX } from '../domain/pace.js';

/** So much of the least answer time may have passed before the request arrived. */
const ON_THE_WAY_MS = 40;
/** Several bursts of a full second: a stall on the way holds up one of them as a whole. */
const KEPT = 4 * RATE_MAX;

/** How fast one receiver answers lately. */
export class AnswerTimes {
  private readonly latest: number[] = [];

  note(answerMs: number): void {
    this.latest.push(answerMs);
    if (this.latest.length > KEPT) this.latest.shift();
  }

  /** The time that this receiver takes at least between getting a request and answering it; 0 if not known. */
  get processingMs(): number {
    if (this.latest.length < KEPT) return 0;
    return Math.max(0, Math.min(...this.latest) - ON_THE_WAY_MS);
  }
}
