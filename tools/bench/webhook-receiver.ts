// The receiver of the delivery bench, in a thread of its own: takes every body whole and answers 200,
// and on /hangs nothing at all.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url !== '/hangs') response.end();
  });
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
