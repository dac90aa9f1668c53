import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const TOLERANCE_S = 5 * 60;
const { WEBHOOK_SECRET, RECEIVER_PORT } = process.env;
const seen = new Set(); // in earnest a table with a unique id: this one forgets when the program ends

function isSigned(header, body) {
  const parts = header.split(',').map((part) => part.split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1];
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) <= TOLERANCE_S)) return false;
  const expected = createHmac('sha256', WEBHOOK_SECRET).update(`${timestamp}.`).update(body).digest();
  const signatures = parts.filter(([name]) => name === 'v1').map(([, hex = '']) => Buffer.from(hex, 'hex'));
  return signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

createServer(async (request, response) => {
  const body = await buffer(request);
  if (!isSigned(request.headers['x-magistry-signature'] ?? '', body)) return response.writeHead(401).end();
  const { id, type } = JSON.parse(body);
  if (!seen.has(id)) console.log(JSON.stringify({ verified: true, id, type }));
  seen.add(id);
  response.writeHead(200).end();
}).listen(Number(RECEIVER_PORT), '127.0.0.1');
