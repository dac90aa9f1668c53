import { RULE_MODEL } from '../domain/prices.js';
import type { Run } from '../domain/run.js';
import { CompatibleModel, type ModelEndpoint } from './compatible-model.js';
import { type LanguageModel, ModelFailure } from './language-model.js';

export interface ModelChoice {
  readonly name: string;
  readonly model: LanguageModel;
}

/** Models of workspaces' own: how they are reached, and the keys that their agents have for them. */
export interface OwnModels {
  /** Goes nowhere that the platform's guard refuses. */
  readonly fetch: typeof globalThis.fetch;
  /** Null without a key; undefined where the agent's model is elsewhere by now. */
  keyOf(workspaceId: number, slug: string, baseUrl: string): Promise<string | null | undefined>;
}

/** The model of a run: of its agent's own, else the one that is configured, else that of the platform. */
export class Models {
  private readonly ruleModel: LanguageModel;
  private readonly configured: ModelChoice | undefined;

  constructor(
    ownBaseUrl: string,
    configured: (ModelEndpoint & { readonly name: string }) | undefined,
    private readonly ownModels: OwnModels,
  ) {
    this.ruleModel = new CompatibleModel({ baseUrl: ownBaseUrl });
    this.configured = configured && { name: configured.name, model: new CompatibleModel(configured) };
  }

  /** Throws a `ModelFailure` where the agent's own model is not what the run began with. */
  async choose({ workspaceId, definition }: Pick<Run, 'workspaceId' | 'definition'>): Promise<ModelChoice> {
    const { name, base_url: baseUrl } = definition.model ?? {};
    if (name !== undefined && baseUrl !== undefined)
      return { name, model: await this.own(workspaceId, definition.slug, baseUrl) };
    if (name === RULE_MODEL || this.configured === undefined)
      return { name: RULE_MODEL, model: this.ruleModel };
    return { name: name ?? this.configured.name, model: this.configured.model };
  }

  private async own(workspaceId: number, slug: string, baseUrl: string): Promise<LanguageModel> {
    const { fetch } = this.ownModels;
    const apiKey = await this.ownModels.keyOf(workspaceId, slug, baseUrl);
    if (apiKey === undefined) throw new ModelFailure("the agent's model has moved since; run it again");
    return new CompatibleModel({ baseUrl, fetch, ...(apiKey !== null && { apiKey }) });
  }
}
