import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { notFound, pathId } from '../domain/principal.js';
import { renderApiKey } from '../domain/render-api-key.js';
import { ApiKeyRecords } from '../storage/api-key-records.js';

type Operation = typeof identity.getApiKey;

/** GET /api/v1/api-keys/:id */
@Injectable()
export class GetApiKey {
  constructor(private readonly keys: ApiKeyRecords) {}

  async execute({ context, params, query }: PublicRequest<Operation>): Promise<Answer> {
    const key = await this.keys.find(workspaceOf(context).id, pathId(params.id));
    if (!key) throw notFound();
    return jsonAnswer({ data: renderApiKey(key, query) });
  }
}
