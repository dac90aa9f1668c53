import { randomUUID } from 'node:crypto';
import { GithubHome, payloadOf } from './github.fixture.js';

const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';
const DELIVERIES = 100;
const ANSWER_MS_MAX = 500;

let home: GithubHome;
let texts = 0;
const comment = (body = COMMAND) => {
  texts += 1;
  return payloadOf('issue_comment', 'created', `${body}\n\n(${texts})`);
};

beforeAll(async () => {
  home = await GithubHome.open();
});
beforeEach(() => home.clear());
afterEach(() => home.stopProcesses());
afterAll(() => home.close());

test('a delivery that comes again is acted on once, by its id and by its bytes', async () => {
  const running = await home.start();
  const payload = comment();
  const deliveryId = await home.deliver(running, payload);
  await home.untilEnded(deliveryId);
  await home.deliver(running, payload, { deliveryId });
  await home.deliver(running, payload, { deliveryId: randomUUID() });
  // The same id with other bytes is no event of GitHub's that we would miss.
  await home.deliver(running, comment(), { deliveryId });
  await settled();
  expect([await home.count('github_command'), home.github.comments.length]).toEqual([1, 1]);
});

test('twins that come at once to two processes are acted on once', async () => {
  const processes = [await home.start(), await home.start()];
  const payload = comment();
  const ids = ['one', 'one', 'two', 'three', 'one', 'two'];
  await Promise.all(
    ids.map((deliveryId, index) => {
      const running = processes[index % 2];
      return running && home.deliver(running, payload, { deliveryId });
    }),
  );
  const { rows } = await home.admin.query('SELECT delivery_id FROM github_event');
  expect(rows).toHaveLength(1);
  await home.untilEnded(rows[0].delivery_id);
  await settled();
  expect([await home.count(`run WHERE kind = 'main'`), home.github.comments.length]).toEqual([1, 1]);
});

test('many commands over two processes each have one run and one comment', async () => {
  const processes = [await home.start(), await home.start()];
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const running = processes[index % 2];
      if (!running) throw new Error('there is no such process');
      return home.deliver(running, comment());
    }),
  );
  for (const id of ids) expect(await home.untilEnded(id)).toMatchObject([{ state: 'answered' }]);
  expect([await home.count(`run WHERE kind = 'main'`), home.github.comments.length]).toEqual([20, 20]);
  for (const { body } of home.github.comments) expect(body).toContain('succeeded');
});

test('a process that leaves lets another go on with its commands', async () => {
  const leaving = await home.start({ leaseMs: 60_000 });
  home.github.troubleNext(/^POST/, { status: 503 });
  const id = await home.deliver(leaving, comment());
  await home.stopProcesses();
  await home.start();
  expect(await home.untilEnded(id)).toMatchObject([{ state: 'answered' }]);
  expect(home.github.comments).toHaveLength(1);
});

test('a delivery is answered soon after its commit', async () => {
  const running = await home.start({ lookEveryMs: 1_000_000, commandsMax: 0 });
  const payloads = Array.from({ length: DELIVERIES }, () => comment());
  const times: number[] = [];
  for (const payload of payloads) {
    const startedAt = performance.now();
    await home.deliver(running, payload);
    times.push(performance.now() - startedAt);
  }
  times.sort((one, other) => one - other);
  const [p50 = 0, p99 = 0] = [times[DELIVERIES / 2], times[Math.floor(DELIVERIES * 0.99) - 1]];
  const figures = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  console.log(`${DELIVERIES} deliveries, each committed: ${figures}; promised are 50 ms`);
  expect(await home.count('github_command')).toBe(DELIVERIES);
  expect(p99).toBeLessThan(ANSWER_MS_MAX);
}, 60_000);

/** Time for whatever should not happen. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 400));
}
