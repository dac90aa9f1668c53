import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { OwnMessages } from '../messages/own-messages.js';
import { Cancellation } from '../runner/cancellation.js';

/** DELETE /api/v1/messages/:message_id: with what its agent has asked others; one that is answered stays so. */
@Injectable()
export class CancelMessage {
  constructor(
    private readonly messages: OwnMessages,
    private readonly cancellation: Cancellation,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.cancelMessage>): Promise<Answer> {
    const { workspaceId, id } = await this.messages.find(context, params.message_id);
    const status = await this.cancellation.cancel(workspaceId, id);
    return jsonAnswer({ id, status }, 202);
  }
}
