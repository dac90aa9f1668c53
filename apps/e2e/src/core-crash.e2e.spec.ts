import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answered } from './gateway.fixture.js';
import { report } from './kills.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const CREATES = 60;
const CALLERS = 4;
const RETRY_MS = 50;
const TEST_MS_MAX = 90_000;

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let workspaces: Workspaces;
let workspace: TestWorkspace;

beforeAll(async () => {
  report(`kill moments of MAGISTRY_TEST_SEED=${random.seed}`);
  workspaces = await Workspaces.open(system);
  workspace = await workspaces.create();
});
afterAll(() => workspaces?.close());

/** Under one key until it is answered, whatever dies meanwhile. */
async function create(key: string): Promise<Answered> {
  while (true) {
    const body = { name: `of ${key}` };
    const answered = await workspace.client.write('POST', '/api/v1/api-keys', body, {
      'idempotency-key': key,
    });
    if (answered.status < 500 && answered.status !== 409) return answered;
    await pause(RETRY_MS);
  }
}

test(
  'kill -9 of identity and Postgres in the middle of creates: each made once, each retry told the same',
  async () => {
    const keys = Array.from({ length: CREATES }, () => randomUUID());
    const first = new Map<string, string>();
    const queue = [...keys];
    const callers = Array.from({ length: CALLERS }, async () => {
      for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
        const { status, text } = await create(key);
        expect(status).toBe(201);
        first.set(key, text);
        await pause(random.integer(10, 80));
      }
    });
    for (const name of ['identity', 'identity', 'postgres']) {
      await pause(random.integer(100, 400));
      await killProcess(system, name);
    }
    await Promise.all(callers);
    for (const key of keys) expect((await create(key)).text).toBe(first.get(key));
    const { json } = await workspace.client.get(`/api/v1/api-keys?per_page=100&search=of%20`);
    expect(json.meta.total).toBe(CREATES);
    report(`${CREATES} keys made once each, through three kills`);
  },
  TEST_MS_MAX,
);
