import type { AgentDefinition } from '@magistry/contracts';

/** What a run may do at most. Down a tree of delegations it only narrows. */
export interface Grant {
  /** Levels of sub-agents below it. */
  readonly depth: number;
  /** Delegations of one run. */
  readonly width: number;
  readonly tools: readonly string[];
  /** Tools that it may hand on. */
  readonly delegableTools: readonly string[];
  readonly modelCallsMax: number;
  /** Millionths of a US dollar for the run; of a root, for its whole tree. */
  readonly microsMax: number;
  /** For one model call; without it as much as for the run. */
  readonly callMicrosMax?: number | undefined;
}

const DEPTH_MAX = 3;
const WIDTH_MAX = 8;
const MODEL_CALLS_DEFAULT = 20;
const MICROS_DEFAULT = 1_000_000;

export function rootGrant({ tools, delegable_tools, budget }: AgentDefinition): Grant {
  return {
    depth: DEPTH_MAX,
    width: WIDTH_MAX,
    tools,
    delegableTools: [...new Set([...tools, ...delegable_tools])],
    modelCallsMax: budget.model_calls ?? MODEL_CALLS_DEFAULT,
    microsMax: budget.micros ?? MICROS_DEFAULT,
    callMicrosMax: budget.call_micros,
  };
}

/** What a sub-agent may do: what it is made for, as far as its parent may hand it on. */
export function narrowed(parent: Grant, definition: AgentDefinition): Grant {
  const own = rootGrant(definition);
  const within = (tools: readonly string[]) => tools.filter((tool) => parent.delegableTools.includes(tool));
  return {
    depth: parent.depth - 1,
    width: Math.min(parent.width, own.width),
    tools: within(own.tools),
    delegableTools: within(own.delegableTools),
    modelCallsMax: Math.min(parent.modelCallsMax, own.modelCallsMax),
    microsMax: Math.min(parent.microsMax, own.microsMax),
    callMicrosMax: least(parent.callMicrosMax, own.callMicrosMax),
  };
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** A sub-run ends before its parent must. */
export function subDeadline(parentDeadlineAt: Date, now: number, { time_limit_s }: AgentDefinition): Date {
  return new Date(Math.min(parentDeadlineAt.getTime(), now + time_limit_s * 1_000));
}
