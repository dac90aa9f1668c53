import { RULE_MODEL } from '../domain/prices.js';
import { CompatibleModel, type ModelEndpoint } from './compatible-model.js';
import type { LanguageModel } from './language-model.js';

export interface ModelChoice {
  readonly name: string;
  readonly model: LanguageModel;
}

/** The models of the deployment: the one that is configured, else the one of our own. */
export class Models {
  private readonly ownModel: LanguageModel;
  private readonly configured: ModelChoice | undefined;

  constructor(ownBaseUrl: string, configured?: ModelEndpoint & { readonly name: string }) {
    this.ownModel = new CompatibleModel({ baseUrl: ownBaseUrl });
    this.configured = configured && { name: configured.name, model: new CompatibleModel(configured) };
  }

  /** By an agent's wish; undefined wishes for the default. */
  choose(wished: string | undefined): ModelChoice {
    const own = { name: RULE_MODEL, model: this.ownModel };
    if (wished === RULE_MODEL || this.configured === undefined) return own;
    return { name: wished ?? this.configured.name, model: this.configured.model };
  }
}
