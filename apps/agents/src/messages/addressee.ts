import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { principalOf, workspaceOf } from '@magistry/request-context';
import type { Integration, IntegrationStore } from '../storage/integration-store.js';

const DEFAULT_AGENT = 'catalog-assistant';
/** Identity lets keys of integrations act under this name; no other key does. */
const INTEGRATION_ACTOR = /^integration:/;

/** Who a key speaks to, and whose sessions it has. */
export interface Addressee {
  readonly slug: string;
  /** Of an integration's key. */
  readonly integration: Integration | undefined;
  /** Sessions belong to an integration, or to its workspace's own keys together. */
  readonly owner: string;
  /** What tools may do on the key's behalf. */
  readonly scopes: readonly string[];
}

/** Finds the agent that a key speaks to: an integration's is bound to one, a workspace's own key may choose. */
export class Addressees {
  constructor(private readonly integrations: IntegrationStore) {}

  /** Refuses with `integration_inactive`, or `access_denied` where a bound key asks for another agent. */
  async find(context: RequestContext, wished?: string): Promise<Addressee> {
    const { id, actor, scopes } = principalOf(context);
    if (!INTEGRATION_ACTOR.test(actor))
      return { slug: wished ?? DEFAULT_AGENT, integration: undefined, owner: 'workspace', scopes };
    const integration = await this.integrations.findByPrincipal(workspaceOf(context).id, id);
    if (integration?.status !== 'active')
      throw new ProblemError(
        'integration_inactive',
        `This integration is ${integration?.status ?? 'disabled'}.`,
      );
    if (wished !== undefined && wished !== integration.slug)
      throw new ProblemError(
        'access_denied',
        `This key speaks to ${integration.slug} and to no other agent.`,
      );
    const owner = `integration:${integration.id}`;
    return { slug: integration.slug, integration, owner, scopes: integration.scopes };
  }
}
