import { type ChildProcess, spawn } from 'node:child_process';
import { signDelivery } from '@magistry/webhook-signatures';
import { reserveGatewayPort } from '../../../infra/local/ports.ts';
import { eventually } from './eventually.fixture.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const STRANGER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const START_MS_MAX = 10_000;
const TOLERANCE_S = 5 * 60;
/** Between a signature made here and its check there. */
const SLACK_S = 30;

let url: string;
let receiver: ChildProcess;
let printed = '';

beforeAll(async () => {
  const { port, release } = await reserveGatewayPort('any');
  await release();
  url = `http://127.0.0.1:${port}/magistry`;
  const env = { ...process.env, WEBHOOK_SECRET: SECRET, RECEIVER_PORT: String(port) };
  receiver = spawn(process.execPath, ['docs/examples/webhook-receiver/receiver.mjs'], { env });
  receiver.stdout?.on('data', (chunk) => {
    printed += chunk;
  });
  await eventually(START_MS_MAX, () => fetch(url, { method: 'POST' }));
}, START_MS_MAX * 2);
beforeEach(() => {
  printed = '';
});
afterAll(() => receiver.kill());

/** The status that a delivery is answered with. */
async function deliver(id: string, { secrets = [SECRET], ageS = 0, sent = '' } = {}): Promise<number> {
  const json = JSON.stringify({ id, type: 'decision.applied' });
  const timestampSeconds = Math.floor(Date.now() / 1_000) - ageS;
  const signed = signDelivery({ id, timestampSeconds, body: Buffer.from(json), secrets });
  const headers = { 'x-magistry-signature': signed['x-magistry-signature'] };
  return (await fetch(url, { method: 'POST', headers, body: sent || json })).status;
}

const line = (id: string) => `${JSON.stringify({ verified: true, id, type: 'decision.applied' })}\n`;
const expectPrinted = (text: string) => eventually(START_MS_MAX, async () => expect(printed).toBe(text));

test('an event is handled once, and its replays are answered 200 and dropped', async () => {
  expect([await deliver('evt_a'), await deliver('evt_a'), await deliver('evt_b')]).toEqual([200, 200, 200]);
  await expectPrinted(line('evt_a') + line('evt_b'));
});

test('while the secret is rotated, either signature will do', async () => {
  expect(await deliver('evt_rotated', { secrets: [STRANGER, SECRET] })).toBe(200);
  await expectPrinted(line('evt_rotated'));
});

test('what is older than 5 minutes, of another secret, changed on its way or not signed is 401', async () => {
  expect(await deliver('evt_late', { ageS: TOLERANCE_S - SLACK_S })).toBe(200);
  expect(await deliver('evt_old', { ageS: TOLERANCE_S + 1 })).toBe(401);
  expect(await deliver('evt_stranger', { secrets: [STRANGER] })).toBe(401);
  expect(await deliver('evt_changed', { sent: '{"id": "evt_other"}' })).toBe(401);
  expect((await fetch(url, { method: 'POST', body: '{"id": "evt_unsigned"}' })).status).toBe(401);
  expect(await deliver('evt_last')).toBe(200);
  await expectPrinted(line('evt_late') + line('evt_last'));
});
