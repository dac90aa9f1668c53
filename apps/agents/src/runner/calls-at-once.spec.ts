import type { RunEvent } from '../domain/run-event.js';
import { type BegunCall, carryOut } from './calls-at-once.js';

const never = new AbortController().signal;
const answered = (id: string): RunEvent => ({ kind: 'tool-answered', id, tool: 'look', output: null });

/** Calls that wait to be let go on, and how many of them do at a time. */
function heldCalls(count: number) {
  const held = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const state = { running: 0, most: 0, stopped: 0 };
  const begun: BegunCall[] = held.map(({ promise }, index) => async (signal) => {
    state.running += 1;
    state.most = Math.max(state.most, state.running);
    signal.addEventListener('abort', () => {
      state.stopped += 1;
      held[index]?.resolve();
    });
    await promise;
    state.running -= 1;
    return answered(`call_1_${index}`);
  });
  return { begun, held, state };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('calls are carried out at once, told in their order whichever is quicker, and kept while they wait', async () => {
  const { begun, held, state } = heldCalls(3);
  const added: RunEvent[] = [];
  const kept: RunEvent[] = [];
  const keep = async (event: RunEvent) => void kept.push(event);
  const end = carryOut(begun, async (event) => void added.push(event), never, keep);
  held[2]?.resolve();
  held[1]?.resolve();
  await turn();
  expect([state.most, added]).toEqual([3, []]);
  expect(kept).toEqual([answered('call_1_2'), answered('call_1_1')]);
  held[0]?.resolve();
  await end;
  expect(added).toEqual([0, 1, 2].map((index) => answered(`call_1_${index}`)));
  expect(kept).toHaveLength(2);
});

test('of very many calls eight are carried out at a time, and each once', async () => {
  const { begun, held, state } = heldCalls(20);
  const added: RunEvent[] = [];
  const end = carryOut(begun, async (event) => void added.push(event), never);
  await turn();
  expect(state.running).toBe(8);
  for (const { resolve } of held) resolve();
  await end;
  expect([state.most, added.length]).toEqual([8, 20]);
});

test('where one cannot be carried on, the others are stopped and nothing behind it is told', async () => {
  const { begun, held, state } = heldCalls(3);
  const added: RunEvent[] = [];
  const broken: BegunCall = async () => {
    throw new Error('the database is away');
  };
  const end = carryOut([...begun.slice(0, 2), broken], async (event) => void added.push(event), never);
  await expect(end).rejects.toThrow('the database is away');
  expect([state.stopped, state.running, added]).toEqual([2, 0, []]);
  held[2]?.resolve();
});

test('stopping from outside reaches every call', async () => {
  const { begun, state } = heldCalls(3);
  const controller = new AbortController();
  const end = carryOut(begun, async () => undefined, controller.signal);
  await turn();
  controller.abort('cancelled');
  await expect(end).rejects.toBe('cancelled');
  expect([state.stopped, state.running]).toEqual([3, 0]);
});
