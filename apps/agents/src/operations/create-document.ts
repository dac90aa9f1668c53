import { hash } from 'node:crypto';
import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderDocument } from '../domain/views/document-view.js';
import { DocumentIndexer } from '../knowledge/document-indexer.js';
import { cutDocument, PASSAGES_MAX, tooManyPassages } from '../knowledge/document-passages.js';
import { DocumentTexts } from '../knowledge/document-texts.js';
import { AgentRegistry } from '../registry/agent-registry.js';
import { DocumentStore } from '../storage/document-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

/**
 * POST /api/v1/agents/:slug/documents: kept with its passages in one commit, found by their words from then on, and
 * by their meaning once they are embedded. Content that the agent has is that document again, under its first name.
 */
@Injectable()
export class CreateDocument {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly texts: DocumentTexts,
    private readonly documents: DocumentStore,
    private readonly indexer: DocumentIndexer,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params, body }: PublicRequest<typeof agents.createDocument>) {
    const workspaceId = workspaceOf(context).id;
    const { slug } = await this.registry.find(workspaceId, params.slug);
    const { name } = body;
    const content = await this.texts.of(body);
    const passages = await cutDocument(content);
    const agent = { workspaceId, slug };
    const contentHash = hash('sha256', content, 'buffer');
    const answer = await this.writes.run(context, async (transaction): Promise<Answer> => {
      // Of two at once neither is over the limit, and none is given to an agent that is being removed.
      await this.registry.lock(transaction, workspaceId, slug);
      const known = await this.documents.findContent(transaction, agent, contentHash);
      if (known) {
        const message = 'The agent has this content already.';
        return jsonAnswer({ message, data: renderDocument(known) });
      }
      const kept = await this.documents.countPassages(transaction, agent);
      if (kept + passages.length > PASSAGES_MAX) throw tooManyPassages(kept);
      const wanted = {
        name,
        contentHash,
        characters: content.length,
        passages,
        createdAt: this.clock.date(),
      };
      const made = await this.documents.insert(transaction, agent, wanted);
      return jsonAnswer({ message: 'Document created successfully.', data: renderDocument(made) }, 201);
    });
    this.indexer.look();
    return answer;
  }
}
