import type { agents } from '@magistry/contracts';
import { type Answer, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
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
    private readonly audit: AuditOutbox,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.deleteSession>): Promise<Answer> {
    const { owner } = await this.addressees.find(context);
    const key = { workspaceId: workspaceOf(context).id, owner, id: params.session_id };
    const now = this.clock.date();
    let cancelled: readonly RunRecord[] = [];
    const answer = await this.writes.run(context, async (transaction) => {
      const erased = await this.erasure.erase(transaction, key, now);
      if (!erased) throw sessionNotFound();
      cancelled = erased.cancelled;
      // Its name may say who spoke, and is gone with it.
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'session.erased',
        subject: `conversation:${erased.conversationId}`,
        details: { messages: erased.messages },
      });
      return NO_CONTENT;
    });
    this.cancellation.tell(cancelled, now);
    return answer;
  }
}
