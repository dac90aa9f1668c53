import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { documentId, documentNotFound } from '../domain/knowledge/document-id.js';
import { renderDocument } from '../domain/views/document-view.js';
import { DocumentStore } from '../storage/document-store.js';

/** GET /api/v1/agents/:slug/documents/:id */
@Injectable()
export class GetDocument {
  constructor(private readonly documents: DocumentStore) {}

  async execute({ context, params }: PublicRequest<typeof agents.getDocument>): Promise<Answer> {
    const agent = { workspaceId: workspaceOf(context).id, slug: params.slug };
    const found = await this.documents.find(agent, documentId(params.id));
    if (!found) throw documentNotFound();
    return jsonAnswer({ data: renderDocument(found) });
  }
}
