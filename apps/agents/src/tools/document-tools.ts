import { agents } from '@magistry/contracts';
import { SEARCH_TOOL } from '../domain/knowledge/citations.js';
import type { Run } from '../domain/run.js';
import type { DocumentSearch } from '../knowledge/document-search.js';
import type { PassageStore } from '../storage/passage-store.js';
import type { AgentTool } from './agent-tool.js';

const QUESTION_LENGTH_MAX = 1_000;
const USUAL = agents.knowledge.parse({});

/**
 * The look-up in an agent's documents, for agents that have some. These are part of what the agent is, as its system
 * prompt, and not a right of its caller: whoever may ask it is answered from them.
 */
export class DocumentTools {
  constructor(
    private readonly passages: PassageStore,
    private readonly search: DocumentSearch,
  ) {}

  async of({ workspaceId, definition }: Run): Promise<AgentTool[]> {
    const { documents, passages_max: limit } = definition.knowledge ?? USUAL;
    const agent = { workspaceId, slug: definition.slug };
    if (!documents || !(await this.passages.hasAny(agent))) return [];
    return [
      {
        name: SEARCH_TOOL,
        description:
          'Searches your documents. Gives the passages that fit best, the best first. Answer from them, and put the ' +
          'marker of each passage that you use, such as [12.3], behind the sentence that it supports.',
        scope: null,
        inputSchema: {
          type: 'object',
          required: ['query'],
          properties: {
            query: {
              type: 'string',
              minLength: 1,
              maxLength: QUESTION_LENGTH_MAX,
              description: 'What to look for, as a whole question.',
            },
          },
        },
        execute: async ({ query }, { progress }) => {
          await progress('searching the documents');
          return { passages: await this.search.find(agent, String(query), limit) };
        },
      },
    ];
  }
}
