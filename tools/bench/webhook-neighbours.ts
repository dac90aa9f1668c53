import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { type Contender, medianP95Ms, type Sample, takeTurns } from './rounds.ts';
import { firstAttempts, offer, openSender, withReceiver } from './webhook-sender.ts';
import { addDue, addEndpoints, type Tables } from './webhook-tables.ts';

const DATA = JSON.stringify({ text: 'x'.repeat(900) });
const OTHERS_PER_SECOND = 200;
const HANGING_PER_SECOND = 400;
/** Shorter than the product's, so that what hangs is over before the next sample. */
const ATTEMPT_TIMEOUT_MS = 3_000;
const RATIO_MAX = 1.2;

/** R6: what 200 endpoints lose by a neighbour that hangs until its timeout, and is offered 400 a second. */
export const webhookNeighbours: Bench = {
  id: 'R6',
  measure: (options) =>
    withReceiver(options, async ({ tables, redisUrl, receiverUrl }) => {
      const { close } = openSender(tables, redisUrl, { attemptTimeoutMs: ATTEMPT_TIMEOUT_MS });
      const beside = new Neighbours('beside one that hangs', tables, `${receiverUrl}/hangs`);
      const alone = new Neighbours('without it', tables);
      try {
        const [ours, yardstick] = await takeTurns([beside, alone] as const, options);
        const [besideMs, aloneMs] = [medianP95Ms(ours), medianP95Ms(yardstick)];
        const remark =
          `first attempt p95 ${besideMs.toFixed(0)} ms against ${aloneMs.toFixed(0)} ms: ` +
          `${(besideMs / aloneMs).toFixed(2)} times, promised < ${RATIO_MAX}`;
        const what = `first attempts, ${OTHERS_PER_SECOND}/s to 200 endpoints`;
        return [{ id: 'R6', what, ours, yardstick, remark }];
      } finally {
        await close();
      }
    }),
};

class Neighbours implements Contender {
  readonly name: string;
  private readonly tables: Tables;
  private readonly hangingUrl: string | undefined;

  constructor(name: string, tables: Tables, hangingUrl?: string) {
    this.name = name;
    this.tables = tables;
    this.hangingUrl = hangingUrl;
  }

  async run(seconds: number): Promise<Sample> {
    // A new one each time: the breaker of the one before is open.
    const hanging = this.hangingUrl && (await addEndpoints(this.tables.owner, [this.hangingUrl]))[0];
    const since = new Date();
    const offered = { seconds, perSecond: OTHERS_PER_SECOND, atOnce: 2 };
    const others = offer(offered, (count) => addDue(this.tables, count, new Date(), DATA));
    if (hanging) {
      const toHanging = { seconds, perSecond: HANGING_PER_SECOND, atOnce: 4 };
      await offer(toHanging, (count) => addDue(this.tables, count, new Date(), DATA, hanging));
    }
    await others;
    const { count, ...took } = await firstAttempts(this.tables, since, hanging || null);
    if (hanging) await this.end(hanging);
    return { done: count, failed: seconds * OTHERS_PER_SECOND - count, perSecond: count / seconds, ...took };
  }

  /** As its deletion does, and what it still holds is over. */
  private async end(hanging: number): Promise<void> {
    const { owner } = this.tables;
    await owner.query('UPDATE endpoint SET deleted_at = now() WHERE id = $1', [hanging]);
    await pause(ATTEMPT_TIMEOUT_MS);
    await owner.query(
      `UPDATE delivery SET status = 'failed' WHERE endpoint_id = $1 AND status IN ('pending', 'retrying')`,
      [hanging],
    );
    await owner.query('ANALYZE delivery, event, attempt');
  }
}
