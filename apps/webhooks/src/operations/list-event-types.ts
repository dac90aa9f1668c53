import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { PLATFORM_KINDS } from '../domain/events/catalogue.js';
import { renderKind } from '../domain/events/render-kind.js';
import { EventTypes } from '../storage/event-types.js';

type Operation = typeof webhooks.listEventTypes;

/** GET /v1/webhooks/event-types: the platform's kinds at each version, then those that the workspace registered. */
@Injectable()
export class ListEventTypes {
  constructor(private readonly types: EventTypes) {}

  async execute({ context }: PublicRequest<Operation>): Promise<Answer> {
    const own = await this.types.list(workspaceOf(context).id);
    return jsonAnswer({ data: [...PLATFORM_KINDS, ...own].map(renderKind) });
  }
}
