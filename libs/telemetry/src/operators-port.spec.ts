import { connect } from 'node:net';
import { pino } from 'pino';
import { z } from 'zod';
import { counter, gauge } from './instruments.js';
import { telemetryVariables } from './settings.js';
import { startTelemetry, type Telemetry } from './start-telemetry.js';

const made = counter({ name: 'magistry_test_things_total', help: 'Things.', labels: ['kind'] });
const kinds = new Map([['old', 1]]);
gauge({
  name: 'magistry_test_things',
  help: 'Things now.',
  labels: ['kind'],
  read: (shown) => {
    for (const [kind, count] of kinds) shown.set({ kind }, count);
  },
});

let telemetry: Telemetry;
const settings = z.object(telemetryVariables).parse({});
const logger = pino({ level: 'silent' });
const get = (path: string) => fetch(`${telemetry.url}${path}`);

beforeEach(async () => {
  telemetry = await startTelemetry('decisions', settings, logger);
});
afterEach(() => telemetry.stop());

test('/metrics has counted, read and process metrics, each with the service', async () => {
  made.labels('big').inc(2);
  const response = await get('/metrics');
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
  expect(text).toContain('magistry_test_things_total{kind="big",service="decisions"} 2');
  expect(text).toContain('magistry_test_things{kind="old",service="decisions"} 1');
  expect(text).toMatch(/process_resident_memory_bytes\{service="decisions"\} \d+/);
});

test('a gauge that is read forgets what is no more', async () => {
  kinds.delete('old');
  kinds.set('new', 5);
  const text = await (await get('/metrics')).text();
  expect(text).toContain('magistry_test_things{kind="new",service="decisions"} 5');
  expect(text).not.toContain('kind="old"');
});

test('/health answers, anything else is 404', async () => {
  expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
  expect((await get('/v1/decisions')).status).toBe(404);
});

test('two processes take a free port each; a named port that is taken is refused', async () => {
  const second = await startTelemetry('planner', settings, logger);
  expect(second.url).not.toBe(telemetry.url);
  const taken = Number(new URL(second.url).port);
  await expect(startTelemetry('planner', { ...settings, METRICS_PORT: taken }, logger)).rejects.toThrow(
    'EADDRINUSE',
  );
  await second.stop();
});

test('an open connection does not keep it from stopping', async () => {
  const socket = connect(Number(new URL(telemetry.url).port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('connect', resolve));
  await telemetry.stop();
  await closed;
});
