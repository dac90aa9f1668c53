import { create } from '@bufbuild/protobuf';
import { type RequestContext, type Success, SuccessSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Unanswered } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { askPatiently } from './ask-patiently.js';

const pending = create(SuccessSchema, { status: 202, isPending: true });
const answer = create(SuccessSchema, { status: 200 });
const away = new ProblemError('service_unavailable', 'away');
const contextFor = (deadlineMs: number) => systemContext('test', { deadlineMs });

/** A service that gives these answers one after the other, and remembers how it was asked. */
function service(...answers: (Success | Error)[]) {
  const asked: { isRepeated?: boolean; name?: string; context: RequestContext }[] = [];
  const ask = async (context: RequestContext, answerMs: number) => {
    const { isRepeated = false, name = '', waitMs = 0 } = context.patience ?? {};
    expect(answerMs).toBeGreaterThan(waitMs);
    asked.push({ isRepeated, name, context });
    const next = answers.shift() ?? answer;
    if (next instanceof Error) throw next;
    return next;
  };
  return { asked, ask };
}

const stays = () => false;

test('an answer that is there at once is asked for once', async () => {
  const { asked, ask } = service();
  expect(await askPatiently(contextFor(5_000), ask, stays)).toBe(answer);
  expect(asked).toMatchObject([{ isRepeated: false }]);
});

test('one that is pending, or that a process took along, is asked for again as the same', async () => {
  const { asked, ask } = service(new Unanswered(), pending, pending);
  const context = contextFor(5_000);
  expect(await askPatiently(context, ask, stays)).toBe(answer);
  expect(asked.map(({ isRepeated }) => isRepeated)).toEqual([false, true, true, true]);
  expect(new Set(asked.map(({ name }) => name)).size).toBe(1);
  for (const { context: sent } of asked)
    expect(sent).toMatchObject({ requestId: context.requestId, deadlineUnixMs: context.deadlineUnixMs });
});

test('two requests are never asked for as the same', async () => {
  const { asked, ask } = service();
  await Promise.all([1, 2].map(() => askPatiently(contextFor(5_000), ask, stays)));
  expect(asked[0]?.name).not.toBe(asked[1]?.name);
});

test('a service that is away from the start is a refusal: nothing ran', async () => {
  const { asked, ask } = service(away);
  await expect(askPatiently(contextFor(5_000), ask, stays)).rejects.toBe(away);
  expect(asked).toHaveLength(1);
});

test('a service that went away with what it had begun is waited for', async () => {
  const { asked, ask } = service(new Unanswered(), away, away);
  expect(await askPatiently(contextFor(5_000), ask, stays)).toBe(answer);
  expect(asked).toHaveLength(4);
});

test('a refusal is the answer, also where it says that the run was too slow', async () => {
  const slow = new ProblemError('timeout', 'The run did not end within its time limit.');
  const { asked, ask } = service(pending, slow);
  await expect(askPatiently(contextFor(5_000), ask, stays)).rejects.toBe(slow);
  expect(asked).toHaveLength(2);
});

test('behind the deadline nothing is asked any more', async () => {
  const unanswered = new Unanswered();
  const { asked, ask } = service(unanswered);
  await expect(askPatiently(contextFor(0), ask, stays)).rejects.toBe(unanswered);
  expect(asked).toHaveLength(1);
});

test.each([pending, new Unanswered()])('nothing is asked again for a client that has left', async (first) => {
  const { asked, ask } = service(first);
  await expect(askPatiently(contextFor(5_000), ask, () => true)).rejects.toBeInstanceOf(Unanswered);
  expect(asked).toHaveLength(1);
});
