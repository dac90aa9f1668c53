import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Broadcaster, type CallRequest, type ResultOf } from '@magistry/messaging';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, rowId } from '../domain/fields.js';
import { KeyRegister } from '../storage/key-register.js';

type Operation = typeof identity.revokeWorkspaceKey;

/** Ends a key for good; every gateway refuses it within a second, one that is cut off from NATS within 5 s. */
@Injectable()
export class RevokeWorkspaceKey {
  constructor(
    private readonly keys: KeyRegister,
    private readonly broadcaster: Broadcaster,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { id } = check({ id: rowId }, message);
    const revoked = await this.keys.revoke(id, principalOf(context).actor);
    if (!revoked) {
      const hint = "A partner's keys end by suspending it.";
      throw new ProblemError('not_found', `No workspace has a key ${id}. ${hint}`);
    }
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return revoked;
  }
}
