import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { type BareReceiver, startHttpReceiver, startNameServer, startTcpReceiver } from '@magistry/testing';
import { GuardedClient } from '../src/index.js';

const KIB = 1_024;
const client = new GuardedClient({ allowsLoopback: true });
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => client.close());

function started(receiver: BareReceiver): BareReceiver {
  closing.push(() => receiver.close());
  return receiver;
}

function send(url: string, more: { client?: GuardedClient; timeoutMs?: number; signal?: AbortSignal } = {}) {
  return (more.client ?? client).send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{"a":1}'),
    timeoutMs: more.timeoutMs ?? 400,
    responseBytesMax: 16 * KIB,
    ...(more.signal && { signal: more.signal }),
  });
}

describe('an answer', () => {
  test('is told with status, headers, body and times; a second one on its connection needs none', async () => {
    const receiver = started(
      await startHttpReceiver((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => response.setHeader('x-seen', 'yes').end(Buffer.concat(chunks)));
      }),
    );
    const first = await send(`http://127.0.0.1:${receiver.port}/a?b=c`);
    expect(first).toMatchObject({ failure: null, error: null, statusCode: 200, isBodyCut: false });
    expect(first.body.toString()).toBe('{"a":1}');
    expect(first.headers['x-seen']).toBe('yes');
    const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = first.times;
    expect(tlsMs).toBeNull();
    expect(Math.min(dnsMs ?? -1, connectMs ?? -1)).toBeGreaterThanOrEqual(0);
    expect(totalMs).toBeGreaterThanOrEqual(firstByteMs ?? Number.POSITIVE_INFINITY);
    await pause(20);
    const second = await send(`http://127.0.0.1:${receiver.port}/`);
    expect(second.times).toMatchObject({ dnsMs: null, connectMs: null, tlsMs: null });
    expect(receiver.connections()).toBe(1);
  });

  test('that redirects is the answer; where it leads is never asked', async () => {
    const inside = started(await startHttpReceiver((_request, response) => response.end('inside')));
    const receiver = started(
      await startHttpReceiver((_request, response) =>
        response.writeHead(302, { location: `http://127.0.0.1:${inside.port}/` }).end(),
      ),
    );
    expect(await send(`http://127.0.0.1:${receiver.port}/`)).toMatchObject({
      statusCode: 302,
      failure: null,
    });
    expect(inside.connections()).toBe(0);
  });

  test('with an endless body is cut at 16 KiB, complete, and its connection ends', async () => {
    const receiver = started(
      await startHttpReceiver((_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * KIB, 'x')));
        };
        response.on('drain', more);
        more();
      }),
    );
    const exchange = await send(`http://127.0.0.1:${receiver.port}/`);
    expect(exchange).toMatchObject({ failure: null, statusCode: 200, isBodyCut: true });
    expect(exchange.body.length).toBe(16 * KIB);
    await pause(50);
    expect(receiver.open()).toBe(0);
  });
});

describe('a hostile receiver holds nothing past the timeout', () => {
  test('one byte at a time', async () => {
    const receiver = started(
      await startHttpReceiver((_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      }),
    );
    const exchange = await send(`http://127.0.0.1:${receiver.port}/`);
    expect(exchange).toMatchObject({ failure: 'timeout', statusCode: 200, error: 'Connection timeout' });
    expect(exchange.body.length).toBeGreaterThan(0);
    expect(exchange.times.totalMs).toBeLessThan(2_000);
    await pause(50);
    expect(receiver.open()).toBe(0);
  });

  test.each([
    ['silence', () => undefined, 'timeout', 'http'],
    ['silence instead of a TLS handshake', () => undefined, 'timeout', 'https'],
    [
      'headers without end',
      (socket: NodeJS.WritableStream) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        for (let line = 0; line < 200; line += 1) socket.write(`x-${line}: ${'y'.repeat(KIB)}\r\n`);
      },
      'headers_too_large',
      'http',
    ],
    [
      'interim answers without end',
      (socket: NodeJS.WritableStream) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5);
        socket.on('close', () => clearInterval(timer));
      },
      'timeout',
      'http',
    ],
    ['no HTTP', (socket: NodeJS.WritableStream) => socket.end('SSH-2.0-OpenSSH\r\n'), 'not_http', 'http'],
    [
      'plain text instead of TLS',
      (socket: NodeJS.WritableStream) => socket.end('hello\r\n'),
      'tls_failed',
      'https',
    ],
    [
      'an end in the middle of the body',
      (socket: NodeJS.WritableStream) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
      'connection_reset',
      'http',
    ],
  ])('%s', async (_name, answer, failure, scheme) => {
    const receiver = started(
      await startTcpReceiver((socket) => {
        socket.once('data', () => answer(socket));
        if (scheme === 'https') socket.resume();
      }),
    );
    const exchange = await send(`${scheme}://127.0.0.1:${receiver.port}/`);
    expect(exchange.failure).toBe(failure);
    expect(exchange.error).not.toMatch(/\d+\.\d+\.\d+\.\d+|localhost/);
    expect(exchange.times.totalMs).toBeLessThan(2_000);
  });

  test('nobody listens', async () => {
    const receiver = await startTcpReceiver(() => undefined);
    await receiver.close();
    expect(await send(`http://127.0.0.1:${receiver.port}/`)).toMatchObject({
      failure: 'connection_refused',
      error: 'The connection was refused.',
      statusCode: null,
    });
  });

  test('a request that its caller gives up ends at once', async () => {
    const receiver = started(await startTcpReceiver(() => undefined));
    const signal = AbortSignal.timeout(50);
    const exchange = await send(`http://127.0.0.1:${receiver.port}/`, { signal, timeoutMs: 5_000 });
    expect(exchange).toMatchObject({ failure: 'cancelled' });
  });
});

describe('a name', () => {
  const PUBLIC = '93.184.216.34';

  async function clientAsking(answer: (name: string, asked: number) => readonly string[]) {
    const names = await startNameServer(answer);
    const guarded = new GuardedClient({ allowsLoopback: false, nameServers: [names.address] });
    closing.push(
      () => names.close(),
      () => guarded.close(),
    );
    return { guarded, names };
  }

  test('that leads to a private address on the second look-up passes the check and reaches nobody', async () => {
    const inside = started(await startTcpReceiver(() => undefined));
    const { guarded, names } = await clientAsking((_name, asked) => (asked === 1 ? [PUBLIC] : ['127.0.0.1']));
    const url = `https://rebinding.example:${inside.port}/`;
    await guarded.check(url);
    const exchange = await send(url, { client: guarded });
    expect(exchange).toMatchObject({ failure: 'address_not_allowed', statusCode: null });
    expect(exchange.error).toBe('The host does not lead to a public address.');
    expect(names.asked()).toBe(2);
    expect(inside.connections()).toBe(0);
  });

  test.each([
    ['only', ['10.0.0.1']],
    ['also', [PUBLIC, '169.254.169.254']],
  ])('that leads %s to a private address is refused, when given and when called', async (_name, found) => {
    const { guarded } = await clientAsking(() => found);
    await expect(guarded.check('https://inside.example/')).rejects.toMatchObject({
      failure: 'address_not_allowed',
    });
    expect(await send('https://inside.example/', { client: guarded })).toMatchObject({
      failure: 'address_not_allowed',
    });
  });

  test('that does not resolve passes the check and fails when called', async () => {
    const { guarded } = await clientAsking(() => []);
    await guarded.check('https://not-yet.example/');
    expect(await send('https://not-yet.example/', { client: guarded })).toMatchObject({
      failure: 'name_not_resolved',
    });
  });

  test('is what TLS proves: the server is told it', async () => {
    let asked = '';
    const secure = createTlsServer({
      SNICallback: (name, answer) => {
        asked = name;
        answer(new Error('no certificate'));
      },
    });
    const door = createServer((socket) => secure.emit('connection', socket));
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    closing.push(() => door.close());
    const { port } = door.address() as AddressInfo;
    secure.on('tlsClientError', () => undefined);
    expect(await send(`https://localhost:${port}/`)).toMatchObject({ statusCode: null });
    expect(asked).toBe('localhost');
  });
});

describe('the environment', () => {
  const PROXIES = [
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NODE_USE_ENV_PROXY',
  ];
  const before = { ...process.env };
  afterEach(() => {
    for (const name of PROXIES) delete process.env[name];
    Object.assign(process.env, before);
  });

  test('names a proxy in vain', async () => {
    const proxy = started(await startTcpReceiver(() => undefined));
    const receiver = started(await startHttpReceiver((_request, response) => response.end('direct')));
    for (const name of PROXIES) process.env[name] = `http://127.0.0.1:${proxy.port}`;
    const fresh = new GuardedClient({ allowsLoopback: true });
    closing.push(() => fresh.close());
    const exchange = await send(`http://127.0.0.1:${receiver.port}/`, { client: fresh });
    expect(exchange.body.toString()).toBe('direct');
    expect(proxy.connections()).toBe(0);
  });
});
