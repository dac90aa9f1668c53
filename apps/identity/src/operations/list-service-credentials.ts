import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { isServiceCredentialId, renderServiceCredential } from '../domain/service-credential.js';
import { ServiceCredentialRecords } from '../storage/service-credential-records.js';

type Operation = typeof identity.listServiceCredentials;

/** GET /v1/service-credentials: a page goes on behind the credential that its cursor names. */
@Injectable()
export class ListServiceCredentials {
  constructor(private readonly credentials: ServiceCredentialRecords) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const { cursor = '', limit } = query;
    if (cursor !== '' && !isServiceCredentialId(cursor)) throw unknownCursor();
    const found = await this.credentials.list(workspaceOf(context).id, cursor, limit + 1);
    const shown = found.slice(0, limit);
    const hasMore = found.length > limit;
    return jsonAnswer({
      data: shown.map(renderServiceCredential),
      next_cursor: hasMore ? shown.at(-1)?.id : null,
      has_more: hasMore,
    });
  }
}

function unknownCursor(): ProblemError {
  const errors = [{ path: 'cursor', code: 'unknown_cursor', message: 'must be a next_cursor, unchanged' }];
  return new ProblemError('validation_failed', 'The cursor cannot be used.', { errors });
}
