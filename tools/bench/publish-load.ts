// node publish-load.ts SECONDS PER_SECOND URL AUTHORIZATION [deliver]: publishes events at that rate whatever comes
// back, and prints how long each took to be accepted and, from then on, to arrive at the receiver in this process.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [seconds = '1', perSecond = '200', url = '', authorization = '', delivers] = process.argv.slice(2);
/** Each of its own kind: at 50 a second an endpoint, none of them waits for its pace. */
const KINDS = 8;
const ARRIVED_MS = 1_500;
const DATA = { text: 'x'.repeat(900) };

const run = randomUUID().slice(0, 8);
const acceptedAt = new Map<string, number>();
const arrivedAt = new Map<string, number>();
const answerMs: number[] = [];
let failed = 0;

const receiver = createServer((request, response) => {
  arrivedAt.set(String(request.headers['webhook-id']), performance.now());
  request.resume().on('end', () => response.end());
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');

async function post(path: string, body: object): Promise<Response> {
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function addEndpoint(kind: number): Promise<void> {
  const at = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const made = await post('/api/v1/webhooks', { url: at, events: [`bench${run}k${kind}.made`] });
  if (!made.ok) throw new Error(`an endpoint was refused: ${await made.text()}`);
}

async function publish(nth: number): Promise<void> {
  const id = `evt_${run}_${nth}`;
  const askedAt = performance.now();
  const answer = await post('/api/v1/events', { id, type: `bench${run}k${nth % KINDS}.made`, data: DATA });
  acceptedAt.set(id, performance.now());
  answerMs.push(performance.now() - askedAt);
  if (answer.status !== 202) failed += 1;
  await answer.arrayBuffer();
}

if (delivers) for (let kind = 0; kind < KINDS; kind += 1) await addEndpoint(kind);
const underWay: Promise<void>[] = [];
const startedAt = performance.now();
for (let nth = 0; nth < Number(seconds) * Number(perSecond); nth += 1) {
  const published = publish(nth).catch(() => {
    failed += 1;
  });
  underWay.push(published);
  await pause(Math.max(0, startedAt + (nth * 1_000) / Number(perSecond) - performance.now()));
}
await Promise.all(underWay);
const elapsedMs = performance.now() - startedAt;
await pause(delivers ? ARRIVED_MS : 0);
const arrivalMs = [...acceptedAt].flatMap(([id, at]) => {
  const arrived = arrivedAt.get(id);
  return arrived === undefined ? [] : [Math.max(0, arrived - at)];
});
if (delivers) failed += acceptedAt.size - arrivalMs.length;
const p95 = (times: number[]) => times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.95)];
const done = answerMs.length - failed;
console.log(
  JSON.stringify({ done, failed, answerP95Ms: p95(answerMs), arrivalP95Ms: p95(arrivalMs), elapsedMs }),
);
process.exit(0);
