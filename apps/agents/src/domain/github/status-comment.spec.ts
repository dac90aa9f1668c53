import type { RunRecord } from '../run.js';
import { commandsIn } from './command-text.js';
import { endedComment, faultComment, runningComment, stepOf } from './status-comment.js';

const command = { id: '0b1', slug: 'offer-mag' };
const ended = (status: RunRecord['status'], outcome: RunRecord['outcome']) =>
  endedComment(command, { id: 'mag-a1b2c3d4', status, outcome } as RunRecord);

test('a success shows its output as JSON, and its marker last', () => {
  expect(
    ended('success', { output: { offer: { role: 'Engineer' } } }),
  ).toBe(`**\`offer-mag\`** succeeded. Run \`mag-a1b2c3d4\`.

\`\`\`json
{
  "offer": {
    "role": "Engineer"
  }
}
\`\`\`

<!-- magistry-command:0b1 -->`);
});

test('no output ends its fence or asks for anything', () => {
  const body = ended('success', { output: { text: '```\n@offer-mag {"n": 1}', '`````': '@a {}' } });
  expect(body).toContain('\n``````json\n');
  expect(commandsIn(body)).toEqual([]);
});

test('an output that GitHub would not take is cut, within its fence', () => {
  const body = ended('success', { output: { text: 'x'.repeat(100_000) } });
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain('… cut here\n```');
});

test('a failure says its code and why', () => {
  const error = { code: 'execution_failed', message: 'The run failed: no `model`.' } as const;
  expect(ended('failed', { error })).toContain('```text\nexecution_failed: The run failed: no `model`.\n```');
  expect(ended('cancelled', null)).toContain('was cancelled');
});

test('steps are told by names that are names, the last twenty of them', () => {
  const calls = Array.from({ length: 25 }, (_, index) => `call_${index}`);
  const steps = calls.map((id) => stepOf({ kind: 'tool-called', id, tool: id, input: {} }));
  const body = runningComment(
    command,
    'mag-1',
    steps.filter((step) => step !== undefined),
  );
  expect(body).toContain('- 5 earlier steps\n- used `call_5`\n');
  expect(stepOf({ kind: 'tool-called', id: '1', tool: '@everybody `', input: {} })).toBe('used something');
  expect(stepOf({ kind: 'started' })).toBeUndefined();
});

test('faults are told as data', () => {
  expect(faultComment(command, ['role is required', '@a {}'])).toContain(
    '```text\nrole is required\n@a {}\n```',
  );
});
