import type { agents } from '@magistry/contracts';
import { type Answer, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import type { RunRecord } from '../domain/run.js';
import { Addressees } from '../messages/addressee.js';
import { sessionNotFound } from '../messages/own-messages.js';
import { Cancellation } from '../runner/cancellation.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { SessionErasure } from '../storage/session-erasure.js';

/** DELETE /api/v1/sessions/:session_id: all of it in one commit, messages that are not answered yet included. */
@Injectable()
export class DeleteSession {
  constructor(
    private readonly addressees: Addressees,
    private readonly erasure: SessionErasure,
    private readonly cancellation: Cancellation,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.deleteSession>): Promise<Answer> {
    const { owner } = await this.addressees.find(context);
    const key = { workspaceId: workspaceOf(context).id, owner, id: params.session_id };
    const now = this.clock.date();
    let cancelled: readonly RunRecord[] = [];
    const answer = await this.writes.run(context, async (transaction) => {
      const ended = await this.erasure.erase(transaction, key, now);
      if (!ended) throw sessionNotFound();
      cancelled = ended;
      return NO_CONTENT;
    });
    this.cancellation.tell(cancelled, now);
    return answer;
  }
}
