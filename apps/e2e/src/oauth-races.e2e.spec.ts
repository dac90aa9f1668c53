import { setTimeout as pause } from 'node:timers/promises';
import { GatewayClient } from './gateway.fixture.js';
import { report } from './kills.fixture.js';
import { OAuthRaces } from './oauth-races.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import { systemUnderTest } from './system.fixture.js';

/** The whole number of rounds is run by `npm run test:faults`. */
const ROUNDS = 4;
const EVERYWHERE_MS_MAX = 1_000;
const WATCHED_MS = 1_200;
const TEST_MS_MAX = 60_000;

const system = systemUnderTest();
let races: OAuthRaces;
let gateway: ServiceProcess;

beforeAll(async () => {
  races = await OAuthRaces.open(system);
  gateway = await ServiceProcess.start(system, 'gateway');
}, TEST_MS_MAX);
afterAll(async () => {
  await gateway?.stop();
  await races?.close();
}, TEST_MS_MAX);

test(
  'of fifty redemptions of one code over two processes of identity exactly one succeeds',
  async () => {
    await races.tokens();
    for (let round = 0; round < ROUNDS; round += 1) await races.raceForCode();
  },
  TEST_MS_MAX,
);

test(
  'fifty refreshes with one token over two processes of identity make one successor, and the family lives on',
  async () => {
    let { refresh_token: token } = await races.tokens();
    for (let round = 0; round < ROUNDS; round += 1) token = await races.raceForRefresh(token);
    expect((await races.refresh(token)).status).toBe(200);
  },
  TEST_MS_MAX,
);

test(
  'a reused refresh token ends its family on two gateways within a second',
  async () => {
    const { access_token, refresh_token: stolen } = await races.tokens();
    const next = (await races.refresh(stolen)).json;
    const last = (await races.refresh(next.refresh_token)).json;
    const urls = [system.gatewayUrl, gateway.url];
    const tokens = [access_token, next.access_token, last.access_token];
    for (const url of urls) for (const token of tokens) expect(await ask(url, token)).toBe(200);
    let reusedAt = 0;
    const watched = urls.flatMap((url) => tokens.map((token) => lastAcceptedMs(url, token, () => reusedAt)));
    await pause(200);
    const reuse = races.refresh(stolen);
    reusedAt = performance.now();
    expect((await reuse).json.error).toBe('invalid_grant');
    const lastMs = await Promise.all(watched);
    report(
      `a reused refresh token: the last request with a token of its family was ${Math.round(Math.max(...lastMs))} ms later`,
    );
    expect(Math.max(...lastMs)).toBeLessThan(EVERYWHERE_MS_MAX);
    expect((await races.refresh(last.refresh_token)).json.error).toBe('invalid_grant');
  },
  TEST_MS_MAX,
);

async function ask(url: string, token: string): Promise<number> {
  return (await new GatewayClient(url, token).get('/v1/killswitch')).status;
}

/** Asks over and over; how long after `since` a question was still asked that was answered 200. */
async function lastAcceptedMs(url: string, token: string, since: () => number): Promise<number> {
  let lastMs = 0;
  while (since() === 0 || performance.now() - since() < WATCHED_MS) {
    const askedAt = performance.now();
    if ((await ask(url, token)) === 200 && since() > 0) lastMs = Math.max(lastMs, askedAt - since());
    await pause(5);
  }
  return lastMs;
}
