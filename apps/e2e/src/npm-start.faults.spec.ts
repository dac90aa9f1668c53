import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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

const created: { home: string; folder: string }[] = [];
afterAll(() => {
  for (const { home, folder } of created) {
    removeHome(openHome(home));
    rmSync(folder, { recursive: true, force: true });
  }
});

test(
  `npm start stopped and started ${STARTS} times under load loses and doubles nothing`,
  async () => {
    const random = new SeededRandom(chooseSeed());
    report(`stop moments of MAGISTRY_TEST_SEED=${random.seed}`);
    const home = mkdtempSync(join(tmpdir(), 'magistry-test-start-'));
    created.push({ home, folder: home });
    const settings = { MAGISTRY_HOME: home };
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
    const copies = [copyCheckout(), copyCheckout()];
    const [first, second] = await Promise.all(copies.map((checkout) => NpmStart.run(checkout)));
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
  const checkout = mkdtempSync(join(tmpdir(), 'magistry-test-checkout-'));
  created.push({ home: join(checkout, '.magistry'), folder: checkout });
  execFileSync('git', ['clone', '--quiet', repository, checkout]);
  execFileSync('cp', ['-a', join(repository, 'node_modules'), checkout]);
  return checkout;
}

async function proposedPlace({ credentials }: NpmStart): Promise<number> {
  const client = new GatewayClient(credentials.base_url, credentials.api_key);
  const { status, json, text } = await client.propose(aSmallStep(crypto.randomUUID()));
  if (status !== 200) throw new Error(text);
  return json.decision_id;
}
