import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Broadcaster, type CallRequest, type ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, rowId } from '../domain/fields.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { KeyRegister } from '../storage/key-register.js';

type Operation = typeof identity.revokeWorkspaceKey;

/** Ends a key for good; every gateway refuses it within a second, one that is cut off from NATS within 5 s. */
@Injectable()
export class RevokeWorkspaceKey {
  constructor(
    private readonly keys: KeyRegister,
    private readonly broadcaster: Broadcaster,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { id } = check({ id: rowId }, message);
    const revoked = await this.across.transaction(async (transaction) => {
      const done = await this.keys.revoke(transaction, id, principalOf(context).actor);
      if (!done) throw noSuchKey(id);
      const { workspaceId, wasLive, ...shown } = done;
      if (!wasLive) return shown;
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId,
        action: 'api_key.revoked',
        subject: `key:${id}`,
        details: { name: shown.name },
      });
      return shown;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return revoked;
  }
}

function noSuchKey(id: number): ProblemError {
  const hint = "A partner's keys end by suspending it.";
  return new ProblemError('not_found', `No workspace has a key ${id}. ${hint}`);
}
