import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHome } from '../../../infra/local/home.ts';
import { Stack } from '../../../infra/local/stack.ts';
import { report } from './kills.fixture.js';
import { OAuthRaces } from './oauth-races.fixture.js';

const ROUNDS = Number(process.env['MAGISTRY_TEST_ROUNDS'] || 200);
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 20 * 60_000;

let stack: Stack;
let races: OAuthRaces;

beforeAll(async () => {
  // Every refusal is charged to the one address that all of them come from.
  process.env['MAGISTRY_UNAUTHENTICATED_PER_MINUTE'] = '1000000';
  stack = new Stack({ home: mkdtempSync(join(tmpdir(), 'magistry-test-faults-')), services: true });
  await stack.start();
  const { gatewayUrl, natsUrl, redisUrl, databaseAdminUrl: databaseUrl } = stack;
  races = await OAuthRaces.open({ gatewayUrl, natsUrl, redisUrl, databaseUrl, home: stack.home.folder });
}, START_MS_MAX);
afterAll(async () => {
  await races?.close();
  await stack.stop();
  removeHome(stack.home);
}, START_MS_MAX);

test(
  'two hundred rounds of fifty redemptions of one code and of one refresh token, over two processes of identity',
  async () => {
    const startedAt = performance.now();
    let { refresh_token: token } = await races.tokens();
    for (let round = 0; round < ROUNDS; round += 1) {
      await races.raceForCode();
      token = await races.raceForRefresh(token);
    }
    expect((await races.refresh(token)).status).toBe(200);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    report(`${ROUNDS} rounds of 50 + 50 redemptions: one success each, in ${seconds} s`);
  },
  TEST_MS_MAX,
);
