import type { AgentDefinition } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { KnownAgents } from '../domain/agent-references.js';
import type { AgentStore, OwnAgent } from '../storage/agent-store.js';
import type { Queryable } from '../storage/database.js';

/** The agents of a workspace: those that are shipped, and what it made of them or of its own. */
export class AgentRegistry {
  private readonly shipped: KnownAgents;

  constructor(
    shipped: readonly AgentDefinition[],
    private readonly store: AgentStore,
  ) {
    this.shipped = new Map(shipped.map((definition) => [definition.slug, definition]));
  }

  get shippedSlugs(): string[] {
    return [...this.shipped.keys()];
  }

  /** In the order of their slugs. */
  async list(workspaceId: number): Promise<AgentDefinition[]> {
    const known = this.known(await this.store.list(workspaceId));
    return [...known.values()].sort((one, other) => (one.slug < other.slug ? -1 : 1));
  }

  /** By itself, or within a transaction. Refuses with `agent_not_found`. */
  async find(workspaceId: number, slug: string, within?: Queryable): Promise<AgentDefinition> {
    const definition = this.known(await this.store.list(workspaceId, [slug], within)).get(slug);
    if (definition) return definition;
    throw agentNotFound(slug);
  }

  /** As `find`; nobody changes or removes it until the transaction ends. */
  async lock(transaction: Queryable, workspaceId: number, slug: string): Promise<AgentDefinition> {
    const definition = this.known(await this.store.lock(transaction, workspaceId)).get(slug);
    if (definition) return definition;
    throw agentNotFound(slug);
  }

  /** Those of its sub-agents that are there. */
  async findSubAgents(workspaceId: number, { sub_agents }: AgentDefinition): Promise<AgentDefinition[]> {
    if (sub_agents.length === 0) return [];
    const known = this.known(await this.store.list(workspaceId, sub_agents));
    return sub_agents.map((slug) => known.get(slug)).filter((definition) => definition !== undefined);
  }

  /** What a workspace has, given what it made of its own. */
  known(own: readonly OwnAgent[]): Map<string, AgentDefinition> {
    const known = new Map(this.shipped);
    for (const { slug, definition, isRemoved } of own) {
      if (isRemoved) known.delete(slug);
      else known.set(slug, definition);
    }
    return known;
  }
}

export function agentNotFound(slug: string): ProblemError {
  return new ProblemError('agent_not_found', `There is no agent ${slug} in this workspace.`);
}
