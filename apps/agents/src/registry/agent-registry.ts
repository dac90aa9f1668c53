import type { AgentDefinition } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { AgentStore } from '../storage/agent-store.js';

/** The agents of a workspace: those that are shipped, and what it made of them or of its own. */
export class AgentRegistry {
  private readonly shipped: ReadonlyMap<string, AgentDefinition>;

  constructor(
    shipped: readonly AgentDefinition[],
    private readonly store: AgentStore,
  ) {
    this.shipped = new Map(shipped.map((definition) => [definition.slug, definition]));
  }

  /** In the order of their slugs. */
  async list(workspaceId: number): Promise<AgentDefinition[]> {
    const known = new Map(this.shipped);
    for (const { slug, definition, isRemoved } of await this.store.list(workspaceId)) {
      if (isRemoved) known.delete(slug);
      else known.set(slug, definition);
    }
    return [...known.values()].sort((one, other) => (one.slug < other.slug ? -1 : 1));
  }

  /** Refuses with `agent_not_found`. */
  async find(workspaceId: number, slug: string): Promise<AgentDefinition> {
    const own = await this.store.find(workspaceId, slug);
    const definition = own ? !own.isRemoved && own.definition : this.shipped.get(slug);
    if (definition) return definition;
    throw new ProblemError('agent_not_found', `There is no agent ${slug} in this workspace.`);
  }

  /** Those of its sub-agents that are there. */
  async findSubAgents(workspaceId: number, { sub_agents }: AgentDefinition): Promise<AgentDefinition[]> {
    if (sub_agents.length === 0) return [];
    const known = new Map((await this.list(workspaceId)).map((definition) => [definition.slug, definition]));
    return sub_agents.map((slug) => known.get(slug)).filter((definition) => definition !== undefined);
  }
}
