import type { AgentDefinition, RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Answer } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import type { WrittenAgent } from '../domain/agent-change.js';
import { askersOf, type KnownAgents, referenceFaults } from '../domain/agent-references.js';
import type { Clock } from '../domain/clock.js';
import type { AgentStore, OwnAgent } from '../storage/agent-store.js';
import type { Queryable } from '../storage/database.js';
import type { DocumentStore } from '../storage/document-store.js';
import type { KeyedWrites } from '../storage/keyed-writes.js';
import type { Toolbox } from '../tools/toolbox.js';
import { type AgentRegistry, agentNotFound } from './agent-registry.js';
import type { ModelAddresses } from './model-addresses.js';

const OWN_AGENTS_MAX = 200;

/** Changes of a workspace's agents: one after the other, each whole and kept with its answer. */
export class AgentWrites {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly store: AgentStore,
    private readonly toolbox: Toolbox,
    private readonly addresses: ModelAddresses,
    private readonly documents: DocumentStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  /** Refuses with `conflict` where the slug is taken. */
  async create(context: RequestContext, written: WrittenAgent, answer: () => Answer) {
    const { slug } = written.definition;
    await this.addresses.require(written.definition.model?.base_url);
    return this.run(context, async (transaction, own) => {
      const known = this.registry.known(own);
      if (known.has(slug))
        throw new ProblemError('conflict', `There is an agent ${slug} already; change that.`);
      requireRoom(own);
      await this.save(transaction, context, written, known);
      return answer();
    });
  }

  /** `of` is given the agent as it stands while nobody else changes it. */
  async update(
    context: RequestContext,
    slug: string,
    { baseUrl, of: change }: { baseUrl: string | undefined; of: (before: AgentDefinition) => WrittenAgent },
    answer: (after: AgentDefinition) => Answer,
  ) {
    await this.addresses.require(baseUrl);
    return this.run(context, async (transaction, own) => {
      const known = this.registry.known(own);
      const before = known.get(slug);
      if (!before) throw agentNotFound(slug);
      if (!own.some((agent) => agent.slug === slug)) requireRoom(own);
      const written = change(before);
      await this.save(transaction, context, written, known);
      return answer(written.definition);
    });
  }

  /** With its documents. Refuses with `conflict` while another agent asks this one. */
  async remove(context: RequestContext, slug: string, answer: Answer) {
    return this.run(context, async (transaction, own) => {
      const known = this.registry.known(own);
      const definition = known.get(slug);
      if (!definition) throw agentNotFound(slug);
      const askers = askersOf(slug, known);
      if (askers.length > 0)
        throw new ProblemError(
          'conflict',
          `${askers.join(', ')} asks ${slug}: take it from its sub_agents first.`,
        );
      const removed = { slug, definition, isRemoved: true };
      const workspaceId = workspaceOf(context).id;
      await this.store.save(transaction, workspaceId, removed, undefined, this.clock.date());
      await this.documents.deleteAll(transaction, { workspaceId, slug });
      return answer;
    });
  }

  private run(
    context: RequestContext,
    write: (transaction: Queryable, own: readonly OwnAgent[]) => Promise<Answer>,
  ) {
    return this.writes.run(context, async (transaction) =>
      write(transaction, await this.store.lock(transaction, workspaceOf(context).id)),
    );
  }

  private async save(
    transaction: Queryable,
    context: RequestContext,
    { definition, key }: WrittenAgent,
    known: KnownAgents,
  ): Promise<void> {
    const errors = referenceFaults(definition, known, (name) => this.toolbox.has(name));
    if (errors.length > 0)
      throw new ProblemError('validation_failed', 'The agent names what is not there.', { errors });
    const agent = { slug: definition.slug, definition, isRemoved: false };
    await this.store.save(transaction, workspaceOf(context).id, agent, key, this.clock.date());
  }
}

function requireRoom(own: readonly OwnAgent[]): void {
  if (own.length < OWN_AGENTS_MAX) return;
  throw new ProblemError(
    'feature_limit_reached',
    `A workspace may have ${OWN_AGENTS_MAX} agents of its own, and has. Remove one; its place is free soon.`,
  );
}
