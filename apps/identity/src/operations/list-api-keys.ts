import { identity } from '@magistry/contracts';
import { renderPage } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { PublicAddress } from '../domain/public-address.js';
import { renderApiKey } from '../domain/render-api-key.js';
import { ApiKeyRecords } from '../storage/api-key-records.js';

type Operation = typeof identity.listApiKeys;

/** GET /api/v1/api-keys: those of the workspace, without the revoked ones. */
@Injectable()
export class ListApiKeys {
  constructor(
    private readonly keys: ApiKeyRecords,
    private readonly clock: Clock,
    private readonly address: PublicAddress,
  ) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const now = new Date(this.clock.now());
    const { rows, total } = await this.keys.list(workspaceOf(context).id, query, now);
    const data = rows.map((row) => renderApiKey(row, query));
    return jsonAnswer(renderPage(data, total, query, this.address.of(identity.listApiKeys)));
  }
}
