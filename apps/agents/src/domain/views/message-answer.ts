import { ProblemError } from '@magistry/errors';
import { shown } from '../clock.js';
import { citationsOf } from '../knowledge/citations.js';
import type { Progress } from '../progress.js';
import type { RunRecord } from '../run.js';
import { shownFailure, shownUsage } from './message-view.js';

/** The answer of seed 002 (Non-Streaming Response); throws what the message failed with. */
export function messageAnswer(run: RunRecord, { steps, usage }: Progress): Record<string, unknown> {
  const { id, status, outcome, sessionId, input, createdAt } = run;
  if (status === 'running')
    throw new ProblemError('timeout', `The agent did not answer in time. It goes on; see ${eventsPath(id)}.`);
  if (outcome?.error) throw refusalOf(shownFailure(outcome.error));
  const calls = steps.flatMap(({ toolCalls, results }) =>
    toolCalls.map((call) => ({ call, result: results.get(call.id) ?? {} })),
  );
  return {
    id,
    session_id: sessionId,
    conversation_id: input.conversationId,
    content: outcome?.output?.['content'],
    citations: citationsOf(steps, String(outcome?.output?.['content'] ?? '')),
    tool_calls: calls.map(({ call, result: { output, error } }) => ({
      id: call.id,
      name: call.tool,
      input: call.input,
      output: error === undefined ? output : { error },
    })),
    attachments: outcome?.output?.['attachments'] ?? [],
    usage: shownUsage(usage),
    created_at: shown(createdAt),
  };
}

/** As a stream tells it, but that nobody's answer is `cancelled`: who waits for one did not cancel it. */
function refusalOf({ code, message }: ReturnType<typeof shownFailure>): ProblemError {
  return new ProblemError(code === 'cancelled' ? 'agent_error' : code, message);
}

function eventsPath(id: string): string {
  return `/api/v1/messages/${id}/events`;
}
