import type { agents } from '@magistry/contracts';
import { renderPage } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { IntegrationLinks, renderIntegration } from '../domain/views/integration-view.js';
import { IntegrationStore } from '../storage/integration-store.js';

/** GET /api/v1/integrations */
@Injectable()
export class ListIntegrations {
  constructor(
    private readonly integrations: IntegrationStore,
    private readonly links: IntegrationLinks,
  ) {}

  async execute({ context, query }: PublicRequest<typeof agents.listIntegrations>): Promise<Answer> {
    const { rows, total } = await this.integrations.list(workspaceOf(context).id, query);
    const data = rows.map((row) => renderIntegration(row, query.fields));
    return jsonAnswer(renderPage(data, total, query, this.links.list));
  }
}
