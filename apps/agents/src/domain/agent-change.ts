import { type AgentChange, type AgentDefinition, agents, type NewAgent } from '@magistry/contracts';

/** What a write makes of an agent, and of the key of its model: undefined leaves that key as it is. */
export interface WrittenAgent {
  readonly definition: AgentDefinition;
  readonly key: string | null | undefined;
}

export function newDefinition({ model, ...rest }: NewAgent): WrittenAgent {
  if (model === undefined) return { definition: rest, key: null };
  const { api_key: key = null, ...shown } = model;
  return { definition: { ...rest, model: shown }, key };
}

/**
 * What is left out stays, null takes away; lists and schemas are replaced as a whole, and so is the model. Its key
 * stays where it is left out and the address stays: to another address nobody's key is sent unasked.
 */
export function changedDefinition(before: AgentDefinition, change: AgentChange): WrittenAgent {
  const { model, ...rest } = change;
  const { api_key: key, ...shown } = model ?? {};
  const given = { ...before, ...rest, model: model === undefined ? before.model : model && shown };
  const isGiven = ([, value]: [string, unknown]) => value !== undefined && value !== null;
  const definition = agents.agentDefinition.parse(Object.fromEntries(Object.entries(given).filter(isGiven)));
  const isMoved = definition.model?.base_url !== before.model?.base_url;
  return { definition, key: key === undefined && isMoved ? null : key };
}
