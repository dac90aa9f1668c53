import { createServer } from 'node:http';
import { isSigned } from './verify-signature.mjs';

const BODY_BYTES_MAX = 1_000_000;

/**
 * Takes Magistry's webhooks on this machine, each shop's on a path of its own. What is not signed with the shop's
 * secret is 401. An event that came before is answered 200 and not handled again: every attempt has the same id.
 */
export async function startReceiver(onEvent) {
  const secrets = new Map();
  const seen = new Set();
  const server = createServer(async (request, response) => {
    const body = await read(request);
    const secret = secrets.get(request.url);
    if (body === null || !secret || !isSigned(request.headers['x-magistry-signature'], body, secret)) {
      response.writeHead(401).end();
      return;
    }
    const event = JSON.parse(body);
    if (!seen.has(event.id)) {
      seen.add(event.id);
      onEvent(event);
    }
    response.writeHead(200).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    urlOf: (path) => `http://127.0.0.1:${server.address().port}${path}`,
    expect: (path, secret) => secrets.set(path, secret),
    close: () => server.close().closeAllConnections(),
  };
}

async function read(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
