import type { Workspace } from '@magistry/contracts';
import type { RunCaller } from '../domain/run.js';
import type { OfferedTool } from '../models/language-model.js';

/** On whose behalf a tool acts, and until when. */
export interface ToolContext {
  readonly workspace: Pick<Workspace, 'id' | 'slug' | 'tier'>;
  readonly caller: RunCaller;
  readonly runId: string;
  /** Hosts that the agent may call. */
  readonly httpHosts: readonly string[];
  /** The same at every attempt of one call: what has an effect has it once by this. */
  readonly idempotencyKey: string;
  /** What the tool asks others is a part of this call in the request's trace; empty where there is none. */
  readonly traceparent: string;
  readonly deadlineAt: Date;
  readonly signal: AbortSignal;
  readonly progress: (note: string) => Promise<void>;
}

/**
 * Nobody knows whether a tool had its effect. The run is let go, and whoever takes it up asks again under the same
 * key: the model, told of a failure, would do the same thing once more under another one.
 */
export class OutcomeUnknown extends Error {}

/** Something that an agent can do besides talking. */
export interface AgentTool extends OfferedTool {
  /** What the caller must hold; null where it looks at nothing that belongs to anybody. */
  readonly scope: string | null;
  /** A refusal thrown as `ProblemError`, or any other error but `OutcomeUnknown`, is told to the model. */
  execute(input: Record<string, unknown>, context: ToolContext): Promise<unknown>;
}
