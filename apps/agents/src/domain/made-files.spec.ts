import { MADE_FILES_MAX, withMadeFiles } from './made-files.js';
import { progressOf } from './progress.js';
import type { RunEvent } from './run-event.js';

const usage = { promptTokens: 1, completionTokens: 1 };

/** The log of a run that attaches one file after the other. */
function attaching(inputs: readonly Record<string, unknown>[], error?: string): RunEvent[] {
  return inputs.flatMap((input, index): RunEvent[] => {
    const call = { id: `call_${index}`, tool: 'attach_file', input };
    return [
      { kind: 'model-answered', call: index + 1, text: '', toolCalls: [call], usage, costMicros: 1 },
      { kind: 'tool-called', ...call },
      {
        kind: 'tool-answered',
        id: call.id,
        tool: call.tool,
        ...(error === undefined ? { output: {} } : { error }),
      },
    ];
  });
}
const made = (log: RunEvent[]) => withMadeFiles({ content: 'Done' }, progressOf(log));
const attached = (log: RunEvent[]) => made(log)['attachments'] as { name: string; data: string }[];

test('an output without files is as it was', () => {
  expect(made([])).toEqual({ content: 'Done' });
  expect(made(attaching([{ name: 'a.md', text: 'x' }], 'too large'))).toEqual({ content: 'Done' });
});

test('a file has its type by its name where none was given', () => {
  const files = ['a.md', 'b.CSV', 'c.json', 'd'].map((name) => ({ name, text: 'Grüße' }));
  expect(attached(attaching([...files, { name: 'e', text: 'Grüße', content_type: 'text/csv' }]))).toEqual(
    ['text/markdown', 'text/csv', 'application/json', 'text/plain', 'text/csv'].map(
      (content_type, index) => ({
        ...{ type: 'file', name: files[index]?.name ?? 'e', content_type },
        data: Buffer.from('Grüße').toString('base64'),
      }),
    ),
  );
});

test('a later file takes the place of one of its name, and the newest are kept', () => {
  const names = ['a', ...Array.from({ length: MADE_FILES_MAX }, (_, index) => `b${index}`), 'b0'];
  const found = attached(attaching(names.map((name, index) => ({ name, text: `text ${index}` }))));
  expect(found).toHaveLength(MADE_FILES_MAX);
  expect(found.map(({ name }) => name)).not.toContain('a');
  expect(Buffer.from(found.at(-1)?.data ?? '', 'base64').toString()).toBe(`text ${names.length - 1}`);
});
