import { progressOf } from '../progress.js';
import type { RunEvent } from '../run-event.js';
import { citationsOf, namesPassages } from './citations.js';

const passage = (document: number, place: number) => ({
  ...{ marker: `[${document}.${place}]`, document_id: document, name: 'Handbook', heading: null },
  passage: `Passage ${place} of ${document}.`,
});
const usage = { promptTokens: 1, completionTokens: 1 };

/** The log of a run whose model called the tool once for each of the outputs. */
function stepsWith(outputs: readonly unknown[], tool = 'search_documents') {
  const events = outputs.flatMap((output, index): RunEvent[] => {
    const call = { id: `call_${index + 1}_1`, tool, input: {} };
    return [
      { kind: 'model-answered', call: index + 1, text: '', toolCalls: [call], usage, costMicros: 1 },
      { kind: 'tool-called', ...call },
      { kind: 'tool-answered', id: call.id, tool, output },
    ];
  });
  return progressOf(events).steps;
}

const SEARCHES = [
  { passages: [{ ...passage(1, 1), score: 0.03 }, passage(1, 2)] },
  { passages: [passage(2, 1), passage(1, 2)] },
];

test.each<[string, string, unknown[]]>([
  ['one passage', 'So it is [1.2].', [passage(1, 2)]],
  ['passages of two searches in its order', '[2.1] and [1.1].', [passage(2, 1), passage(1, 1)]],
  ['a passage twice', '[1.1][1.1]', [passage(1, 1)]],
  ['a passage that no search gave', 'See [9.9] and [1.2].', [passage(1, 2)]],
  ['nothing', 'I do not know (1.1).', []],
])('an answer that names %s cites what was found of it', (_, answer, cited) => {
  expect(citationsOf(stepsWith(SEARCHES), answer)).toEqual(cited);
});

test.each([undefined, null, {}, { passages: 'none' }, { passages: [{ marker: '[1.1]' }] }, [1]])(
  'a result of another form, %j, cites nothing',
  (output) => {
    expect(citationsOf(stepsWith([output]), '[1.1]')).toEqual([]);
  },
);

test('what a sub-agent has named is cited by whoever asked it, and what it has not named is not', () => {
  const call = { id: 'call_1_1', tool: 'ask_librarian', input: {} };
  const { steps } = progressOf([
    { kind: 'model-answered', call: 1, text: '', toolCalls: [call], usage, costMicros: 1 },
    { kind: 'delegated', ...call, slug: 'librarian', runId: 'sag-1' },
    {
      ...{ kind: 'delegation-answered', id: call.id, slug: 'librarian', runId: 'sag-1' },
      ...{ output: { text: 'So it is [3.1].' }, sources: [passage(3, 1)] },
    },
  ]);
  expect(citationsOf(steps, 'They say [3.1], and not [3.2].')).toEqual([passage(3, 1)]);
  expect(steps[0]?.results.get(call.id)).toEqual({ output: { text: 'So it is [3.1].' } });
});

test.each([
  ['So it is [1.2].', true],
  ['{"text":"[12.3]"}', true],
  ['Of 1.2 nothing [1].', false],
])('%j names passages: %s', (text, names) => {
  expect([namesPassages(text), namesPassages(text)]).toEqual([names, names]);
});

test('what another tool gave is no source', () => {
  expect(citationsOf(stepsWith(SEARCHES, 'search_decisions'), '[1.1]')).toEqual([]);
});
