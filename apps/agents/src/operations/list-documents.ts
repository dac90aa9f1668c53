import type { agents } from '@magistry/contracts';
import { renderPage } from '@magistry/lists';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { DocumentLinks, renderDocument } from '../domain/views/document-view.js';
import { AgentRegistry } from '../registry/agent-registry.js';
import { DocumentStore } from '../storage/document-store.js';

/** GET /api/v1/agents/:slug/documents */
@Injectable()
export class ListDocuments {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly documents: DocumentStore,
    private readonly links: DocumentLinks,
  ) {}

  async execute({ context, params, query }: PublicRequest<typeof agents.listDocuments>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const { slug } = await this.registry.find(workspaceId, params.slug);
    const { rows, total } = await this.documents.list({ workspaceId, slug }, query);
    const data = rows.map((row) => renderDocument(row, query.fields));
    return jsonAnswer(renderPage(data, total, query, this.links.listOf(slug)));
  }
}
