import { type BareReceiver, startHttpReceiver, startNameServer } from '@magistry/testing';
import { type GuardedFetch, guardedFetch } from '../src/index.js';

const BYTES_MAX = 16 * 1_024;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function guard(more: { allowsLoopback?: boolean; nameServers?: string[] } = {}): GuardedFetch {
  const guarded = guardedFetch({ allowsLoopback: true, responseBytesMax: BYTES_MAX, ...more });
  closing.unshift(() => guarded.close());
  return guarded;
}

async function started(receiver: Promise<BareReceiver>): Promise<BareReceiver> {
  const { close, ...rest } = await receiver;
  closing.push(close);
  return { close, ...rest };
}

const at = ({ port }: BareReceiver) => `http://127.0.0.1:${port}/`;

test('an answer is read as it streams', async () => {
  const receiver = await started(startHttpReceiver((_, response) => response.end('hello')));
  const response = await guard().fetch(at(receiver));
  expect([response.status, await response.text()]).toEqual([200, 'hello']);
});

test.each([
  'https://10.0.0.1/',
  'https://127.0.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://localhost/',
  'http://example.com/',
  'file:///etc/passwd',
])('%s is not called', async (url) => {
  const called = guard({ allowsLoopback: false }).fetch(url);
  await expect(called).rejects.toMatchObject({ name: 'EgressError' });
});

test.each([
  ['a private address', ['10.0.0.1']],
  ['a private address beside a public one', ['93.184.216.34', '192.168.0.1']],
])('a name that leads to %s is not called', async (_, addresses) => {
  const names = await startNameServer(() => addresses);
  closing.push(names.close);
  const called = guard({ allowsLoopback: false, nameServers: [names.address] }).fetch('https://inside.test/');
  await expect(called).rejects.toMatchObject({ failure: 'address_not_allowed' });
});

test('what a redirect leads to is not asked', async () => {
  const inside = await started(startHttpReceiver((_, response) => response.end('inside')));
  const receiver = await started(
    startHttpReceiver((_, response) => response.writeHead(302, { location: at(inside) }).end()),
  );
  const response = await guard().fetch(at(receiver));
  expect([response.status, response.headers.get('location'), inside.connections()]).toEqual([
    302,
    at(inside),
    0,
  ]);
});

test('a body that goes on is broken off at its bound, and its connection ends', async () => {
  const receiver = await started(
    startHttpReceiver((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(4_096, 'x')));
      };
      response.on('drain', more);
      more();
    }),
  );
  const response = await guard().fetch(at(receiver));
  await expect(response.text()).rejects.toMatchObject({ failure: 'body_too_large' });
  await untilNoneIsOpen(receiver);
});

test('a body of just so many bytes is whole', async () => {
  const receiver = await started(
    startHttpReceiver((_, response) => response.end(Buffer.alloc(BYTES_MAX, 'x'))),
  );
  expect(await (await guard().fetch(at(receiver))).text()).toHaveLength(BYTES_MAX);
});

test.each([
  ['before it is answered', false],
  ['in the middle of its body', true],
])("the caller's time ends a request %s, and its connection", async (_, beginsBody) => {
  const receiver = await started(
    startHttpReceiver((_request, response) => beginsBody && response.writeHead(200).write('begun')),
  );
  const asked = guard().fetch(at(receiver), { signal: AbortSignal.timeout(200) });
  await expect(asked.then((response) => response.text())).rejects.toMatchObject({ name: 'TimeoutError' });
  await untilNoneIsOpen(receiver);
});

async function untilNoneIsOpen(receiver: BareReceiver): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (receiver.open() > 0) {
    if (performance.now() > deadline) throw new Error('the connection stays open');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
