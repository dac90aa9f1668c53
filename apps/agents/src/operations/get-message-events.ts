import { type agents, EventLog_Framing } from '@magistry/contracts';
import { type Answer, eventLogAnswer, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { lastEventId } from '../domain/last-event-id.js';
import { logNameOf } from '../domain/run.js';
import { STREAM_CLOSING } from '../domain/views/message-view.js';
import { OwnMessages } from '../messages/own-messages.js';

/** GET /api/v1/messages/:message_id/events: what comes behind Last-Event-ID, at the message's own verbosity. */
@Injectable()
export class GetMessageEvents {
  constructor(private readonly messages: OwnMessages) {}

  async execute({
    context,
    params,
    headers,
  }: PublicRequest<typeof agents.getMessageEvents>): Promise<Answer> {
    const run = await this.messages.find(context, params.message_id);
    return eventLogAnswer({
      name: logNameOf(run),
      after: lastEventId(headers?.['last-event-id']) ?? 0,
      framing: EventLog_Framing.EVENT_STREAM,
      closing: STREAM_CLOSING,
    });
  }
}
