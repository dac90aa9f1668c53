import type { AgentDefinition } from '@magistry/contracts';
import { narrowed, subDeadline } from '../domain/grant.js';
import { schemaFaults } from '../domain/json-schema.js';
import { offeredName } from '../domain/offered-name.js';
import type { Progress } from '../domain/progress.js';
import type { Run, RunRecord } from '../domain/run.js';
import type { RunEvent, ToolCall, ToolResult } from '../domain/run-event.js';
import { newRunId } from '../domain/run-id.js';
import type { OfferedTool } from '../models/language-model.js';
import type { Lease } from '../storage/lease.js';
import type { RunLog } from '../storage/run-log.js';
import { type NewRun, TakenId } from '../storage/run-rows.js';
import type { BegunCall } from './calls-at-once.js';
import type { EventWriter } from './event-writer.js';

interface Surroundings {
  readonly log: RunLog;
  readonly writer: EventWriter;
  readonly now: () => Date;
  readonly leaseMs: number;
  /** Executes a run that this process has just begun. */
  readonly start: (lease: Lease) => void;
  readonly untilEnded: (run: Pick<Run, 'workspaceId' | 'id'>, signal: AbortSignal) => Promise<RunRecord>;
}

/** A sub-agent, as the model is offered it. */
export interface OfferedAgent {
  readonly tool: OfferedTool;
  readonly definition: AgentDefinition;
}

/** The sub-agents that the run may still ask; none at the lowest level of its tree. */
export function offeredAgents({ grant }: Run, definitions: readonly AgentDefinition[]): OfferedAgent[] {
  if (grant.depth <= 0) return [];
  return definitions.map((definition) => ({
    definition,
    tool: {
      name: offeredName(definition.slug),
      description: definition.description,
      inputSchema: definition.payload_schema,
    },
  }));
}

/** Hands a part of the work to a sub-agent, whose end is what comes of it. Both are in the log, and done once. */
export async function beginDelegation(
  surroundings: Surroundings,
  lease: Lease,
  { definition }: OfferedAgent,
  call: ToolCall,
): Promise<BegunCall> {
  const { writer, untilEnded } = surroundings;
  const { id, tool } = call;
  const { slug } = definition;
  const { subRuns, begunCalls } = writer.progress;
  const runId = subRuns.get(id) ?? (await begin(surroundings, lease, definition, call, writer.progress));
  if (typeof runId !== 'string') {
    if (!begunCalls.has(id)) await writer.add({ kind: 'tool-called', ...call });
    return async () => ({ kind: 'tool-answered', id, tool, ...runId });
  }
  return async (signal) => {
    const { outcome } = await untilEnded({ workspaceId: lease.run.workspaceId, id: runId }, signal);
    const error = outcome?.error?.message;
    const result: ToolResult = error === undefined ? { output: outcome?.output } : { error };
    return { kind: 'delegation-answered', id, slug, runId, ...result };
  };
}

/** The sub-run's id, or why there is none. */
async function begin(
  { log, writer, now, leaseMs, start }: Surroundings,
  lease: Lease,
  definition: AgentDefinition,
  call: ToolCall,
  { subRuns }: Progress,
): Promise<string | ToolResult> {
  const { run } = lease;
  const { slug } = definition;
  if (subRuns.size >= run.grant.width)
    return { error: `a run may delegate ${run.grant.width} times, and has` };
  const [fault] = schemaFaults(definition.payload_schema, call.input);
  if (fault) return { error: `the payload does not fit: ${fault.path} ${fault.message}` };
  await writer.drain();
  for (;;) {
    const at = now();
    const subRun = subRunOf(run, definition, call, at);
    const event: RunEvent = { kind: 'delegated', ...call, slug, runId: subRun.id };
    try {
      const before = await log.delegate(lease, event, subRun, at, leaseMs);
      writer.committed([event], before, at);
      const record: RunRecord = { ...subRun, status: 'running', outcome: null, endedAt: null, eventId: 1 };
      start({ run: record, epoch: 1, entries: [{ kind: 'started' }] });
      return subRun.id;
    } catch (error) {
      if (!(error instanceof TakenId)) throw error;
    }
  }
}

function subRunOf(parent: Run, definition: AgentDefinition, call: ToolCall, at: Date): NewRun {
  return {
    workspaceId: parent.workspaceId,
    id: newRunId('sag'),
    kind: 'sub',
    definition,
    grant: narrowed(parent.grant, definition),
    input: { payload: call.input, ...(parent.input.isUntrusted && { isUntrusted: true }) },
    caller: parent.caller,
    rootId: parent.rootId,
    parentId: parent.id,
    parentCallId: call.id,
    ...{ sessionOwner: null, sessionId: null, turn: null, keyHmac: null, fingerprint: null },
    createdAt: at,
    deadlineAt: subDeadline(parent.deadlineAt, at.getTime(), definition),
  };
}
