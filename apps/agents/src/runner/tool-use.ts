import { ProblemError } from '@magistry/errors';
import { schemaFaults } from '../domain/json-schema.js';
import type { Run } from '../domain/run.js';
import type { ToolCall, ToolResult } from '../domain/run-event.js';
import { spanIdOf, traceparentBelow } from '../domain/spans.js';
import { type AgentTool, OutcomeUnknown } from '../tools/agent-tool.js';
import type { BegunCall } from './calls-at-once.js';
import type { EventWriter } from './event-writer.js';

const OUTPUT_BYTES_MAX = 256 * 1024;

/**
 * One call of a tool, journaled before it. One that a crash left without a result is executed again under the same
 * key, so that what it does is done once; one whose result is kept is not.
 */
export async function beginTool(
  { run, writer }: { run: Run; writer: EventWriter },
  tool: AgentTool | undefined,
  call: ToolCall,
): Promise<BegunCall> {
  const { id, tool: name } = call;
  const kept = writer.progress.keptResults.get(id);
  if (kept) return async () => ({ kind: 'tool-answered', id, tool: name, ...kept });
  if (!writer.progress.begunCalls.has(id)) await writer.add({ kind: 'tool-called', ...call });
  return async (signal) => {
    const result = await resultOf(tool, call, async (accepted) => {
      const { caller, workspaceId, deadlineAt, definition } = run;
      return accepted.execute(call.input, {
        workspace: { id: workspaceId, ...caller.workspace },
        caller,
        runId: run.id,
        httpHosts: definition.http_hosts,
        idempotencyKey: `${run.id}:${id}`,
        traceparent: traceparentBelow(run, spanIdOf(run.id, id)),
        deadlineAt,
        signal,
        progress: (note) => writer.add({ kind: 'tool-progressed', id, tool: name, note }),
      });
    });
    return { kind: 'tool-answered', id, tool: name, ...result };
  };
}

async function resultOf(
  tool: AgentTool | undefined,
  { tool: name, input }: ToolCall,
  execute: (tool: AgentTool) => Promise<unknown>,
): Promise<ToolResult> {
  if (!tool) return { error: `there is no tool ${name} here` };
  const [fault] = schemaFaults(tool.inputSchema, input);
  if (fault) return { error: `the input does not fit: ${fault.path} ${fault.message}` };
  try {
    return bounded(await execute(tool));
  } catch (error) {
    if (error instanceof OutcomeUnknown) throw error;
    return { error: error instanceof ProblemError ? error.message : 'the tool failed' };
  }
}

function bounded(output: unknown): ToolResult {
  const json = JSON.stringify(output) ?? 'null';
  if (Buffer.byteLength(json) > OUTPUT_BYTES_MAX) return { error: 'the output is too large' };
  return { output: JSON.parse(json.toWellFormed().replaceAll('\\u0000', '\\ufffd')) };
}
