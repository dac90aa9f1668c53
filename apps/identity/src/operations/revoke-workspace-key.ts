import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, rowId } from '../domain/fields.js';
import { KeyRegister } from '../storage/key-register.js';

type Operation = typeof identity.revokeWorkspaceKey;

/** Ends a key for good; within 5 s every gateway refuses it. */
@Injectable()
export class RevokeWorkspaceKey {
  constructor(private readonly keys: KeyRegister) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { id } = check({ id: rowId }, message);
    const revoked = await this.keys.revoke(id, principalOf(context).actor);
    if (revoked) return revoked;
    throw new ProblemError(
      'not_found',
      `No workspace has a key ${id}. A partner's keys end by suspending it.`,
    );
  }
}
