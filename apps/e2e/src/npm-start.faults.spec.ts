import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openHome, removeHome, repository } from '../../../infra/local/home.ts';
import { GatewayClient } from './gateway.fixture.js';
import { report } from './kills.fixture.js';
import { range, readLedger } from './ledger.fixture.js';
import { NpmStart } from './npm-start.fixture.js';
import { aSmallStep, ProposalLoad } from './proposal-load.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';

const STARTS = 10;
const CALLERS = 16;
const TEST_MS_MAX = 10 * 60_000;

const homes: string[] = [];
const newFolder = (name: string) => {
  const folder = mkdtempSync(join(tmpdir(), `magistry-test-${name}-`));
  homes.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of homes) removeHome(openHome(folder));
});

test(
  `npm start stopped and started ${STARTS} times under load loses and doubles nothing`,
  async () => {
    const random = new SeededRandom(chooseSeed());
    report(`stop moments of MAGISTRY_TEST_SEED=${random.seed}`);
    const settings = { MAGISTRY_HOME: newFolder('start') };
    let running = await NpmStart.run(repository, settings);
    const { base_url, workspace, api_key } = running.credentials;
    const client = new GatewayClient(base_url, api_key);
    await client.write('PUT', '/v1/planner/policy', { velocity_per_minute: 0 });
    const load = new ProposalLoad([{ ...workspace, key: api_key, client }], CALLERS);
    for (let start = 1; start <= STARTS; start += 1) {
      await pause(random.integer(500, 3_000));
      expect(await running.stop()).toBe(0);
      running = await NpmStart.run(repository, { ...settings, PORT: new URL(base_url).port });
    }
    await load.stop();
    expect(load.refused).toEqual([]);
    const rows = await readLedger(client);
    expect(rows.map((row) => row.decision_id)).toEqual(range(1, rows.length));
    const proposed = rows.filter(({ action }) => action === 'PRICE_CHANGE').map((row) => row.decision_id);
    const told = load.acknowledged.map(({ decisionId }) => decisionId).sort((one, two) => one - two);
    expect(proposed).toEqual(told);
    report(`${told.length} decisions acknowledged over ${STARTS} restarts, every one there once`);
    expect(await running.stop()).toBe(0);
  },
  TEST_MS_MAX,
);

test(
  'two checkouts run npm start side by side, and stopping one leaves the other alone',
  async () => {
    const checkouts = [copyCheckout(), copyCheckout()];
    const [first, second] = await Promise.all(checkouts.map((folder) => NpmStart.run(folder)));
    if (!first || !second) throw new Error('both must run');
    expect(first.credentials.base_url).not.toBe(second.credentials.base_url);
    expect(await proposedPlace(first)).toBe(await proposedPlace(second));
    const stranger = new GatewayClient(second.credentials.base_url, first.credentials.api_key);
    expect((await stranger.get('/v1/decisions')).status).toBe(401);
    expect(await first.stop()).toBe(0);
    expect(await proposedPlace(second)).toBeGreaterThan(0);
    expect(await second.stop()).toBe(0);
  },
  TEST_MS_MAX,
);

/** A clone with this checkout's packages, so that nothing is fetched. */
function copyCheckout(): string {
  const folder = join(newFolder('checkout'), 'magistry');
  execFileSync('git', ['clone', '--quiet', repository, folder]);
  execFileSync('cp', ['-a', join(repository, 'node_modules'), folder]);
  return folder;
}

async function proposedPlace({ credentials }: NpmStart): Promise<number> {
  const client = new GatewayClient(credentials.base_url, credentials.api_key);
  const { status, json, text } = await client.propose(aSmallStep(crypto.randomUUID()));
  if (status !== 200) throw new Error(text);
  return json.decision_id;
}
