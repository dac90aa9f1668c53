import { createHash } from 'node:crypto';
import type { webhooks } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import canonicalize from 'canonicalize';
import { ulid } from 'ulid';
import { Clock, shown } from '../domain/clock.js';
import { isPlatformType } from '../domain/events/event-names.js';
import { requireFits } from '../domain/events/registered-schema.js';
import { watchFanOut } from '../intake/watch-fan-out.js';
import type { Queryable } from '../storage/database.js';
import { EventTypes } from '../storage/event-types.js';
import { EventWeeks } from '../storage/event-weeks.js';
import { FanOut } from '../storage/fan-out.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { PublishedIds } from '../storage/published-ids.js';

type Operation = typeof webhooks.publishEvent;
type Published = PublicRequest<Operation>['body'];

/** POST /api/v1/events: 202 once the event and its deliveries are committed. The same id again is the same event. */
@Injectable()
export class PublishEvent {
  constructor(
    private readonly writes: KeyedWrites,
    private readonly ids: PublishedIds,
    private readonly types: EventTypes,
    private readonly weeks: EventWeeks,
    private readonly fanOut: FanOut,
    private readonly clock: Clock,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const { type, id = `evt_${ulid(this.clock.now())}` } = body;
    if (isPlatformType(type)) throw ownedByPlatform(type);
    const createdAt = new Date(this.clock.now());
    await this.weeks.ensure([createdAt]);
    const workspaceId = workspaceOf(context).id;
    return this.writes.run(context, async (transaction) => {
      const first = body.id && (await this.firstOf(transaction, { workspaceId, id, createdAt }, body));
      if (first) return accepted(id, type, first);
      await this.requireFits(transaction, workspaceId, body);
      const event = { id, workspaceId, type, createdAt, data: JSON.stringify(body.data), isPlatform: false };
      const told = [{ ...event, traceparent: context.traceparent || null, isKept: true }];
      const origin = { source: 'published', traceparent: context.traceparent } as const;
      await watchFanOut(origin, told, (traced) => this.fanOut.tell(transaction, traced, createdAt));
      return accepted(id, type, createdAt);
    });
  }

  /** When the event of this id was accepted before. Throws `conflict` if that was another one. */
  private async firstOf(
    transaction: Queryable,
    event: { workspaceId: number; id: string; createdAt: Date },
    { type, data }: Published,
  ): Promise<Date | undefined> {
    const fingerprint = createHash('sha256')
      .update(canonicalize([type, data]) ?? '')
      .digest();
    const first = await this.ids.claim(transaction, event, fingerprint);
    if (!first || first.fingerprint.equals(fingerprint)) return first?.createdAt;
    throw new ProblemError(
      'conflict',
      `${event.id} is the id of another event. Give this one an id of its own.`,
    );
  }

  private async requireFits(transaction: Queryable, workspaceId: number, body: Published): Promise<void> {
    const kind = await this.types.newest(transaction, workspaceId, body.type);
    if (kind) requireFits(this.types.validator(workspaceId, kind), body.data, body.type, 'data');
  }
}

function accepted(id: string, type: string, at: Date): Answer {
  return jsonAnswer({ id, type, accepted_at: shown(at) }, 202);
}

function ownedByPlatform(type: string): ProblemError {
  return new ProblemError(
    'access_denied',
    `${type} is one of the platform's own kinds of events, which only the platform publishes.`,
  );
}
