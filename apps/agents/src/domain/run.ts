import type { AgentDefinition } from '@magistry/contracts';
import type { Grant } from './grant.js';

export type RunKind = 'main' | 'sub' | 'message';
export type RunStatus = 'running' | 'success' | 'failed' | 'cancelled';
export type Verbosity = 'minimal' | 'standard' | 'full';

/** What an agent is asked: a payload for its schema, or a message of a session. */
export interface RunInput {
  readonly payload?: Record<string, unknown>;
  readonly requestId?: string;
  readonly metadata?: Record<string, unknown>;
  readonly content?: string;
  readonly verbosity?: Verbosity;
  readonly conversationId?: string;
  /** They are kept beside it. */
  readonly hasAttachments?: true;
  /** The payload was written by people whom nobody vouches for: data, in which nobody is obeyed. */
  readonly isUntrusted?: boolean;
}

/** How a run ended: its output, or what was wrong. */
export interface Outcome {
  readonly output?: Record<string, unknown>;
  readonly error?: Failure;
}

export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** `usage_limit_exceeded`: a message that was refused before it began. */
export type FailureCode =
  | 'execution_failed'
  | 'timeout'
  | 'cancelled'
  | 'internal_error'
  | 'usage_limit_exceeded';

/** Who asked for a run, and the rights that its tools have by that. */
export interface RunCaller {
  readonly requestId: string;
  readonly principalId: string;
  /** Principals that stand behind its credential; left out where there are none. */
  readonly makerIds?: readonly string[];
  readonly actor: string;
  readonly scopes: readonly string[];
  /** W3C trace context of the request; its trace goes on with the run, in whatever process. */
  readonly traceparent?: string;
  readonly workspace: { readonly slug: string; readonly tier: string };
}

/** What a run is, fixed when it is created. */
export interface Run {
  readonly workspaceId: number;
  readonly id: string;
  readonly kind: RunKind;
  readonly definition: AgentDefinition;
  readonly grant: Grant;
  readonly input: RunInput;
  readonly caller: RunCaller;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly parentCallId: string | null;
  readonly sessionOwner: string | null;
  readonly sessionId: string | null;
  readonly turn: number | null;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
}

/** A run with how it stands. */
export interface RunRecord extends Run {
  readonly status: RunStatus;
  readonly outcome: Outcome | null;
  readonly endedAt: Date | null;
  /** Of the last event that its readers are shown. */
  readonly eventId: number;
}

/** Names the run's event log over all workspaces. */
export function logNameOf({ workspaceId, id }: Pick<Run, 'workspaceId' | 'id'>): string {
  return `${workspaceId}.${id}`;
}

/** The run's id, if the log is one of the workspace's. */
export function runIdIn(workspaceId: number, logName: string): string | undefined {
  const prefix = `${workspaceId}.`;
  return logName.startsWith(prefix) ? logName.slice(prefix.length) : undefined;
}
