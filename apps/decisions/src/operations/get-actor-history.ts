import type { decisions } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { daysBefore, startOfDay } from '../domain/clock.js';
import type { HeadReader } from '../storage/head-reader.js';

type Operation = typeof decisions.getActorHistory;

const HISTORY_DAYS = 30;

/** The actor's record over the complete UTC days before today, so that it holds still while a day lasts. */
export class GetActorHistory {
  constructor(
    private readonly reader: HeadReader,
    private readonly now: () => number,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const today = startOfDay(this.now());
    const since = daysBefore(today, HISTORY_DAYS);
    return { ...(await this.reader.actorHistory(workspaceOf(context).id, message.actor, since, today)) };
  }
}
