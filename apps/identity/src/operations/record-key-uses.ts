import type { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { type AuditEntry, AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { wholeSecond } from '../domain/clock.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { CredentialUses, type FirstUse } from '../storage/credential-uses.js';

type Operation = typeof identity.recordKeyUses;

/** When credentials were last used, as a gateway has gathered it over some seconds; a first use is audited. */
@Injectable()
export class RecordKeyUses {
  constructor(
    private readonly uses: CredentialUses,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const used = message.uses.map((use) => ({ ...use, usedAt: wholeSecond(use.usedUnixMs) }));
    const keys = used.filter(({ apiKeyId }) => apiKeyId !== 0);
    const services = used.filter(({ serviceCredentialId }) => serviceCredentialId !== '');
    await this.across.transaction(async (transaction) => {
      const newKeys = await this.uses.noteKeys(
        transaction,
        keys.map(({ apiKeyId, usedAt }) => ({ id: apiKeyId, usedAt })),
      );
      const newServices = await this.uses.noteServiceCredentials(
        transaction,
        services.map(({ serviceCredentialId, usedAt }) => ({ id: serviceCredentialId, usedAt })),
      );
      for (const first of newKeys) await this.audit.record(transaction, told('api_key.first_used', first));
      for (const first of newServices)
        await this.audit.record(transaction, told('service_credential.first_used', first));
    });
    return {};
  }
}

/** By its own hand: what was asked with it has a request of its own. */
function told(action: AuditEntry['action'], { subject, workspaceId }: FirstUse): AuditEntry {
  return { workspaceId, action, actor: subject, subject, details: {} };
}
