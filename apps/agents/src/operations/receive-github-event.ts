import { hash } from 'node:crypto';
import type { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { askedCommands } from '../domain/github/event.js';
import { CommandWorker } from '../github/command-worker.js';
import { DeliverySignature } from '../github/delivery-signature.js';
import { GithubEvents } from '../storage/github-events.js';

type Operation = typeof agents.receiveGithubEvent;

/** POST /api/v1/github/webhook (seed 004): answered once the commands are committed; a worker answers them. */
@Injectable()
export class ReceiveGithubEvent {
  constructor(
    private readonly signature: DeliverySignature,
    private readonly events: GithubEvents,
    private readonly worker: CommandWorker,
    private readonly clock: Clock,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { event, deliveryId, signature, body } = message;
    const text = await this.signature.verified(body, signature);
    const asked = askedCommands(event, parsed(text));
    if (!asked) return {};
    const delivery = { deliveryId, event, bodyHash: hash('sha256', body, 'buffer') };
    await this.events.receive(delivery, asked, this.clock.date());
    this.worker.look();
    return {};
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProblemError(
      'invalid_json',
      `The body is not acceptable JSON: ${(error as SyntaxError).message}.`,
    );
  }
}
