import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '@magistry/errors';
import type { AttemptResult, EndpointProgress } from '../domain/dispatch.js';
import type { CourseNotice, EndpointCourse } from '../domain/endpoint-course.js';
import { isSuccess } from '../domain/settle-delivery.js';
import type { AttemptResults } from '../storage/attempt-results.js';
import type { Database, Queryable } from '../storage/database.js';
import type { EndpointTurns, TurnedEndpoint } from '../storage/endpoint-turns.js';
import { Gathered } from './gathered.js';
import { fencedResults } from './metrics.js';

/** An attempt's result with where it has led its endpoint. */
export interface NotedResult {
  readonly result: AttemptResult;
  readonly course: EndpointCourse;
  readonly notices: readonly CourseNotice[];
}

export interface ResultWriterOptions {
  readonly database: Database;
  readonly results: AttemptResults;
  readonly turns: EndpointTurns;
  /** Makes events of what happened to an endpoint, in the same commit. */
  readonly tell: (
    transaction: Queryable,
    told: readonly { endpoint: TurnedEndpoint; notice: CourseNotice }[],
    now: Date,
  ) => Promise<void>;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

const RESULTS_MAX = 500;
const RETRY_MS = 300;

/** Writes results as fast as Postgres takes them, those that come meanwhile together; waits while it is away. */
export class ResultWriter {
  private readonly gathered: Gathered<NotedResult, undefined>;

  constructor(private readonly options: ResultWriterOptions) {
    this.gathered = new Gathered((group) => this.writeAll(group), RESULTS_MAX);
  }

  /** Resolves once it is committed. */
  async write(noted: NotedResult): Promise<void> {
    await this.gathered.add(noted);
  }

  private async writeAll(group: readonly NotedResult[]): Promise<undefined[]> {
    const isWritten = await this.commitInTime(group);
    // One result that Postgres refuses must not hold up the others.
    if (!isWritten && group.length > 1) for (const noted of group) await this.commitInTime([noted]);
    return group.map(() => undefined);
  }

  /** Waits while Postgres is away. False if it refuses: the lease runs out then, and the delivery is sent again. */
  private async commitInTime(group: readonly NotedResult[]): Promise<boolean> {
    for (;;) {
      try {
        await this.commit(group);
        return true;
      } catch (error) {
        this.options.onFault(error);
        if (!(error instanceof ProblemError)) return false;
        await pause(RETRY_MS);
      }
    }
  }

  private async commit(group: readonly NotedResult[]): Promise<void> {
    const { database, results, turns, tell, now } = this.options;
    const attempts = group.map(({ result }) => result);
    const progress = progressOf(group);
    const turned = group.flatMap(({ result, notices }) =>
      notices.map((notice) => ({ endpointId: result.delivery.endpointId, notice })),
    );
    if (turned.length === 0) {
      fencedResults.inc(attempts.length - (await results.write(attempts, progress)));
      return;
    }
    await database.transactionAcross(async (transaction) => {
      const at = new Date(now());
      fencedResults.inc(attempts.length - (await results.write(attempts, progress, transaction)));
      const told = [];
      for (const turn of turned) {
        const endpoint = await turns.apply(transaction, turn, at);
        if (endpoint) told.push({ endpoint, notice: turn.notice });
      }
      await tell(transaction, told, at);
    });
  }
}

/** One entry an endpoint: its counters add up, its course is where the latest left it. */
function progressOf(group: readonly NotedResult[]): EndpointProgress[] {
  const byEndpoint = new Map<number, EndpointProgress>();
  for (const { result, course } of group) {
    const { endpointId } = result.delivery;
    const before = byEndpoint.get(endpointId);
    const hasSucceeded = isSuccess(result.sent);
    byEndpoint.set(endpointId, {
      endpointId,
      successes: (before?.successes ?? 0) + (hasSucceeded ? 1 : 0),
      failures: (before?.failures ?? 0) + (hasSucceeded ? 0 : 1),
      lastDeliveryUnixMs: result.sent.startedUnixMs + result.sent.durationMs,
      course,
    });
  }
  return [...byEndpoint.values()];
}
