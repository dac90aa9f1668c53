import type { webhooks } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { isPlatformType } from '../domain/events/event-names.js';
import { compileSchema, requireFits } from '../domain/events/registered-schema.js';
import { renderKind } from '../domain/events/render-kind.js';
import { styled } from '../domain/styled.js';
import { EventTypes } from '../storage/event-types.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.registerEventType;

/** PUT /v1/webhooks/event-types/:type: the next version of a kind; the same schema again changes nothing. */
@Injectable()
export class RegisterEventType {
  constructor(
    private readonly types: EventTypes,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, route, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const { type } = params;
    const { schema, example } = body;
    if (isPlatformType(type)) {
      throw new ProblemError('access_denied', `${type} is one of the platform's own kinds of events.`);
    }
    const validate = compileSchema(schema);
    if (example !== undefined) requireFits(validate, example, type, 'example');
    const workspaceId = workspaceOf(context).id;
    return this.writes.run(context, async (transaction) => {
      const wanted = { type, schema, example: example ?? null };
      const kind = await this.types.register(transaction, workspaceId, wanted, this.clock.second());
      return jsonAnswer(styled(route, renderKind(kind)));
    });
  }
}
