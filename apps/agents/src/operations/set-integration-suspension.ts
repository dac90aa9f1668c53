import { type agents, text } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { integrationNotFound } from '../domain/integration-id.js';
import { Database } from '../storage/database.js';
import { type Integration, IntegrationStore } from '../storage/integration-store.js';

type Operation = typeof agents.setIntegrationSuspension;

const REASON = text(500);

/** Suspends an integration, after which its keys open nothing; or takes that back. */
@Injectable()
export class SetIntegrationSuspension {
  constructor(
    private readonly database: Database,
    private readonly integrations: IntegrationStore,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { workspaceId, id } = message;
    const reason = message.reason === '' ? null : message.reason;
    if (reason !== null && !REASON.safeParse(reason).success)
      throw new ProblemError('validation_failed', 'The reason must be one line of at most 500 characters.');
    const integration = await this.database.transactionIn(workspaceId, async (transaction) => {
      const before = await this.integrations.lock(transaction, workspaceId, id);
      const after = before && (await this.integrations.suspend(transaction, workspaceId, id, reason));
      if (!after) throw integrationNotFound();
      if (before.suspensionReason === reason) return after;
      const action = reason === null ? 'integration.resumed' : 'integration.suspended';
      const entry = { action, subject: `integration:${id}`, details: { reason } } as const;
      await this.audit.record(transaction, { ...askedBy(context), workspaceId, ...entry });
      return after;
    });
    return { integration: detailsOf(integration) };
  }
}

function detailsOf({ id, name, slug: agent, status, suspensionReason }: Integration) {
  return { id, name, agent, status, suspensionReason: suspensionReason ?? '' };
}
