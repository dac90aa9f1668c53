import { offeredName } from '../offered-name.js';
import type { Failure, Run } from '../run.js';
import type { RunEvent, Usage } from '../run-event.js';

/** The frame that ends every stream of seed 002. */
export const STREAM_CLOSING = '[DONE]';

const CANCELLED: Failure = { code: 'cancelled', message: 'The run was cancelled.' };

/** An event of seed 002's streams; the members stand in the order that it prints them. */
export function messageEvent(run: Run, event: RunEvent): Record<string, unknown> {
  const message_id = run.id;
  switch (event.kind) {
    case 'started':
      return {
        event: 'session.created',
        session_id: run.sessionId,
        conversation_id: run.input.conversationId,
      };
    case 'text':
      return { event: 'text.chunk', delta: event.delta };
    case 'thinking':
      return { event: 'thinking.chunk', delta: event.delta };
    case 'tool-called':
    case 'delegated':
      return { event: 'tool.started', tool_call_id: event.id, name: event.tool, input: event.input };
    case 'tool-progressed':
      return { event: 'tool.progress', tool_call_id: event.id, name: event.tool, message: event.note };
    case 'tool-answered':
      return { event: 'tool.completed', tool_call_id: event.id, name: event.tool, ...resultOf(event) };
    case 'delegation-answered': {
      const name = offeredName(event.slug);
      return { event: 'tool.completed', tool_call_id: event.id, name, ...resultOf(event) };
    }
    case 'finished': {
      const { attachments } = event.output;
      const usage = shownUsage(event.usage);
      return {
        event: 'message.completed',
        message_id,
        usage,
        ...(attachments !== undefined && { attachments }),
      };
    }
    case 'failed':
      return { event: 'error', message_id, error: shownFailure(event) };
    case 'cancelled':
      return { event: 'error', message_id, error: shownFailure(event.error ?? CANCELLED) };
    default:
      return { event: 'message.started', message_id };
  }
}

export function shownUsage({ promptTokens, completionTokens }: Usage) {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens };
}

/** Of a message, whatever went wrong is its agent's, its time's, its credit's or somebody's wish. */
export function shownFailure({ code, message }: Failure) {
  switch (code) {
    case 'cancelled':
      return { code, message: 'The message was cancelled.' } as const;
    case 'timeout':
      return { code, message: 'The agent did not answer within its time limit.' } as const;
    case 'usage_limit_exceeded':
      return { code, message } as const;
    default:
      return { code: 'agent_error', message } as const;
  }
}

function resultOf({ output, error }: { output?: unknown; error?: string }) {
  return error === undefined ? { output } : { error };
}
