/** Who applied a decision. `executor` is null where the ledger names an actor alone, as for the kill switch. */
export interface Attribution {
  readonly agent: string;
  readonly executor: string | null;
}

/** What takes a decision back by itself, and on which day (YYYY-MM-DD). */
export interface DatedReversal {
  readonly action: string;
  readonly due_on: string | null;
}

// The ledger's own wording, covered by its hashes: it outlives every API version, so both ways are exact.
const OF_OUR_AGENT = /^([^:.]+)_agent\.([^.]+)$/s;
const OF_ANOTHER_ACTOR = /^([^:]+:.+)\.([^.]+)$/s;
const DATED = /^(.+)@(\d{4}-\d{2}-\d{2})$/s;

/**
 * "catalog_agent.discount_executor" is executor "discount_executor" of agent "catalog"; an actor from outside
 * ("partner:research-tool.planner") keeps its whole name. Any other text names an agent alone.
 */
export function readAttribution(text: string): Attribution {
  const [, agent, executor] = OF_OUR_AGENT.exec(text) ?? OF_ANOTHER_ACTOR.exec(text) ?? [];
  return agent === undefined || executor === undefined
    ? { agent: text, executor: null }
    : { agent, executor };
}

export function writeAttribution({ agent, executor }: Attribution): string {
  if (executor === null) return agent;
  return agent.includes(':') ? `${agent}.${executor}` : `${agent}_agent.${executor}`;
}

/** "PRICE_RESTORE@2026-06-08" is PRICE_RESTORE, due on that day. */
export function readReversal(text: string): DatedReversal {
  const [, action, due_on] = DATED.exec(text) ?? [];
  return action === undefined || due_on === undefined ? { action: text, due_on: null } : { action, due_on };
}

export function writeReversal({ action, due_on }: DatedReversal): string {
  return due_on === null ? action : `${action}@${due_on}`;
}
