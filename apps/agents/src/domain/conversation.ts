import { type AttachedFile, withFiles } from './attached-file.js';
import type { Progress } from './progress.js';
import type { Run } from './run.js';
import type { ToolCall, ToolResult } from './run-event.js';

export type ModelMessage =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly results: readonly AnsweredCall[] };

export interface AnsweredCall {
  readonly call: ToolCall;
  readonly result: ToolResult;
}

/** An earlier message of the session and its answer. */
export interface Turn {
  readonly content: string;
  readonly answer: string;
}

/** What the model is told to be. */
export function instructionsOf({ definition, kind }: Pick<Run, 'definition' | 'kind'>): string {
  const { system_prompt, output_schema } = definition;
  if (output_schema === undefined || kind === 'message') return system_prompt;
  const schema = JSON.stringify(output_schema);
  return `${system_prompt}\n\nAnswer with one JSON object, and nothing else, that fits this JSON Schema:\n${schema}`;
}

/** Everything said so far, in the order of the log: the session's earlier turns, the request, each step. */
export function conversationOf(
  run: Run,
  turns: readonly Turn[],
  { steps }: Progress,
  files: readonly AttachedFile[],
): ModelMessage[] {
  const earlier = turns.flatMap(({ content, answer }): ModelMessage[] => [
    { role: 'user', text: content },
    { role: 'assistant', text: answer, toolCalls: [] },
  ]);
  const request = run.input.content ?? JSON.stringify(run.input.payload ?? {});
  return [
    ...earlier,
    { role: 'user', text: withFiles(request, run.id, files) },
    ...steps.flatMap(({ text, toolCalls, results }): ModelMessage[] => [
      { role: 'assistant', text, toolCalls },
      {
        role: 'tool',
        results: toolCalls.map((call) => ({ call, result: results.get(call.id) ?? { error: 'no result' } })),
      },
    ]),
  ];
}
