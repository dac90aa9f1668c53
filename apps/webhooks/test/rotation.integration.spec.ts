import { createHmac } from 'node:crypto';
import { newSecret } from '@magistry/webhook-signatures';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { renderBody } from '../src/domain/events/render-body.js';
import { type Receiver, startReceiver } from './receiver.fixture.js';
import { type Sending, startSending, until } from './sending.fixture.js';

const [newer, expired] = [newSecret(), newSecret()];

let sending: Sending;
let receiver: Receiver;

beforeAll(async () => {
  [sending, receiver] = await Promise.all([startSending(), startReceiver()]);
  sending.addWorker({ render: renderBody }).start();
  const endpoint = await sending.addEndpoint({ url: receiver.url });
  await sending.query(
    `INSERT INTO endpoint_secret VALUES ($1, 2, 7, $2, now(), now() - interval '1 second'),
       ($1, 3, 7, $3, now(), NULL)`,
    [endpoint, Buffer.from(expired), Buffer.from(newer)],
  );
  await sending.query(
    `UPDATE endpoint_secret SET expires_at = now() + interval '1 day' WHERE endpoint_id = $1 AND number = 1`,
    [endpoint],
  );
  await sending.addDeliveries(endpoint, ['evt_rotating']);
  await until(() => receiver.received.length === 1, 'it has arrived');
});
afterAll(async () => {
  await sending.stop();
  await receiver.close();
});

describe('what came over the wire during a rotation', () => {
  test.each([
    ['verifies with the newer secret', () => newer, true],
    ['verifies with the older secret', () => sending.secret, true],
    ['does not verify with one whose time is over', () => expired, false],
  ])('%s, as Standard Webhooks, as Svix and as Stripe do it', (_name, secret, isGood) => {
    const text = receiver.received[0]?.body.toString() ?? '';
    const headers = receiver.received[0]?.headers as Record<string, string>;
    expect(JSON.parse(text)).toMatchObject({ id: 'evt_rotating', type: 'post.created', data: { n: 1 } });
    expect({
      standardWebhooks: passes(() => new StandardWebhook(secret()).verify(text, headers)),
      svix: passes(() => new SvixWebhook(secret()).verify(text, headers)),
      stripe: isStripeStyle(headers['x-magistry-signature'] ?? '', text, secret()),
    }).toEqual({ standardWebhooks: isGood, svix: isGood, stripe: isGood });
  });
});

function passes(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    return false;
  }
}

/** As Stripe's libraries do it: split at commas, any v1 may match. */
function isStripeStyle(header: string, text: string, secret: string): boolean {
  const parts = header.split(',').map((part) => part.split('='));
  const t = parts.find(([name]) => name === 't')?.[1];
  const expected = createHmac('sha256', secret).update(`${t}.${text}`).digest('hex');
  return parts.some(([name, value]) => name === 'v1' && value === expected);
}
