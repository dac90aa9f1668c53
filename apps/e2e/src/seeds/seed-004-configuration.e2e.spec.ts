import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reserveGatewayPort } from '../../../../infra/local/ports.ts';
import { eventually } from '../eventually.fixture.js';
import { GatewayClient } from '../gateway.fixture.js';
import { ServiceProcess } from '../service-process.fixture.js';
import { systemUnderTest, untilReady } from '../system.fixture.js';
import { gatewayWith, linesOf, OFFER_RUN, SHARED_SECRET } from './seed-004.fixture.js';

const WRITTEN_MS_MAX = 30_000;
const system = systemUnderTest();
const clientOf = (url: string) => new GatewayClient(url, SHARED_SECRET);
const started: ServiceProcess[] = [];

beforeAll(() => untilReady(system));
afterEach(() => Promise.all(started.splice(0).map((one) => one.kill())));

async function gateway(environment: NodeJS.ProcessEnv): Promise<ServiceProcess> {
  const process = await gatewayWith(environment);
  started.push(process);
  return process;
}

test('MAGSAG_API_HOST and MAGSAG_API_PORT say where the gateway listens', async () => {
  const { port, release } = await reserveGatewayPort('any');
  await release();
  const own = { HOST: undefined, PORT: undefined };
  const { url } = await gateway({ ...own, MAGSAG_API_HOST: '127.0.0.1', MAGSAG_API_PORT: String(port) });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect((await clientOf(url).get('/api/v1/agents')).status).toBe(200);
});

test('MAGSAG_API_PREFIX is where everything of the seed is reached, too', async () => {
  const { url } = await gateway({ MAGSAG_API_PREFIX: '/magsag/v2' });
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${SHARED_SECRET}`, 'content-type': 'application/json' };
    return fetch(`${url}${path}`, { headers, ...init });
  };
  const body = JSON.stringify({ payload: { role: 'Engineer' } });
  const ran = await ask('/magsag/v2/agents/offer-orchestrator-mag/run', { method: 'POST', body });
  const { run_id: runId } = (await ran.json()) as { run_id: string };
  const statuses = ['/agents', `/runs/${runId}`, `/runs/${runId}/logs?tail=2`, '/github/health'].map(
    async (path) => (await ask(`/magsag/v2${path}`)).status,
  );
  expect([ran.status, ...(await Promise.all(statuses))]).toEqual([200, 200, 200, 200, 200]);
  const delivered = await ask('/magsag/v2/github/webhook', { method: 'POST', body: '{}' });
  expect(await delivered.json()).toMatchObject({ code: 'invalid_request' });
  const wrong = await ask('/magsag/v2/runs', { method: 'DELETE' });
  expect([wrong.status, await wrong.json()]).toMatchObject([405, { code: 'method_not_allowed' }]);
  const outside = [(await ask('/health')).status, (await ask('/magsag/v2/health')).status];
  expect(outside).toEqual([200, 404]);
});

test('MAGSAG_API_DEBUG writes the log from level debug on', async () => {
  // Its line "ready" is none of level fatal.
  const debug = await gateway({ MAGSAG_API_DEBUG: 'true', LOG_LEVEL: 'fatal' });
  expect(debug.line('ready')).toHaveProperty('url');
});

test('MAGSAG_RUNS_BASE_DIR holds the printed folders, with what the API tells, and costs beside it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'magistry-runs-'));
  try {
    const base = join(home, '.runs', 'agents');
    const environment = { MAGSAG_RUNS_BASE_DIR: base };
    started.push(await ServiceProcess.start(system, 'agents', { environment }));
    const client = clientOf(system.gatewayUrl);
    const asked = { payload: { role: 'Senior Engineer' }, metadata: { source: 'ci' } };
    const { json } = await client.write('POST', OFFER_RUN, asked);
    const folder = join(base, json.run_id);
    const files = await eventually(WRITTEN_MS_MAX, () => readdir(folder));
    expect(files.sort()).toEqual(['logs.jsonl', 'metrics.json', 'summary.json']);

    const text = (...path: string[]) => readFile(join(...path), 'utf8');
    const told = (await client.get(json.artifacts.summary)).json;
    const { run_id, slug, summary, metrics } = told;
    expect(JSON.parse(await text(folder, 'summary.json'))).toEqual({ run_id, slug, ...summary, metrics });
    const { series, ...sums } = JSON.parse(await text(folder, 'metrics.json'));
    expect([sums, series.length]).toEqual([metrics, metrics.model_calls]);
    const logs = linesOf(await client.get(json.artifacts.logs));
    expect(linesOf({ text: await text(folder, 'logs.jsonl') })).toEqual(logs);

    const costs = linesOf({ text: await text(home, '.runs', 'costs', `${json.run_id}.jsonl`) });
    expect(costs.reduce((sum, line) => sum + Number(line['spent_micros']), 0)).toBe(metrics.cost_micros);
  } finally {
    await Promise.all(started.splice(0).map((one) => one.kill()));
    await rm(home, { recursive: true });
  }
}, 60_000);
