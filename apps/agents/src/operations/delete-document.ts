import type { agents } from '@magistry/contracts';
import { NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { documentId, documentNotFound } from '../domain/knowledge/document-id.js';
import { DocumentStore } from '../storage/document-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

/** DELETE /api/v1/agents/:slug/documents/:id: its passages end in the same commit, embedded or not. */
@Injectable()
export class DeleteDocument {
  constructor(
    private readonly documents: DocumentStore,
    private readonly writes: KeyedWrites,
  ) {}

  execute({ context, params }: PublicRequest<typeof agents.deleteDocument>) {
    const agent = { workspaceId: workspaceOf(context).id, slug: params.slug };
    const id = documentId(params.id);
    return this.writes.run(context, async (transaction) => {
      if (!(await this.documents.delete(transaction, agent, id))) throw documentNotFound();
      return NO_CONTENT;
    });
  }
}
