import { webhooks } from '@magistry/contracts';
import type { SecretSeal } from '@magistry/persistence';
import { newSecret, publicKeyEntry, WebhookVerifier } from '@magistry/webhook-signatures';
import { SealedSecrets, secretsSeal } from '../src/storage/sealed-secrets.js';
import { SigningKeys } from '../src/storage/signing-keys.js';
import { type Receiver, startReceiver } from './receiver.fixture.js';
import { type Sending, startSending, until } from './sending.fixture.js';
import { FORMER_SECRET, RunningWebhooks, SECRET } from './webhooks.fixture.js';

const [older, newer, stranger] = ['older', 'newer', 'stranger'].map(
  (name) => `the ${name} sealing secret of a test, long enough`,
) as [string, string, string];
const signing = newSecret();

let sending: Sending;
let receiver: Receiver;
let endpoint: number;

beforeAll(async () => {
  [sending, receiver] = await Promise.all([startSending(), startReceiver()]);
  endpoint = await sending.addEndpoint({ url: receiver.url });
  await sending.query(`UPDATE endpoint SET signing = 'ed25519' WHERE id = $1`, [endpoint]);
  await sealedBy(older);
  await keysOf(secretsSeal(older, undefined)).privateKeys();
});
afterAll(async () => {
  await sending.stop();
  await receiver.close();
});

const keysOf = (seal: SecretSeal) => new SigningKeys(sending.database, seal);
const sealAnew = (secret: string, other?: string) =>
  new SealedSecrets(sending.database, secretsSeal(secret, other)).sealAnew();

async function sealedBy(secret: string): Promise<void> {
  const sealed = secretsSeal(secret, undefined).seal(`endpoint:${endpoint}`, signing);
  await sending.query('UPDATE endpoint_secret SET sealed_secret = $1', [sealed]);
}

/** Whether a worker with these secrets delivers, signed by the endpoint's own and by the platform's key. */
async function delivers(id: string, secret: string, other?: string): Promise<boolean> {
  const seal = secretsSeal(secret, other);
  const keys = keysOf(seal);
  const worker = sending.addWorker({
    openSecret: (endpointId, sealed) => seal.open(`endpoint:${endpointId}`, sealed).toString(),
    privateKeys: () => keys.privateKeys(),
  });
  await sending.addDeliveries(endpoint, [id]);
  worker.start();
  const arrived = () => receiver.received.find(({ headers }) => headers['webhook-id'] === id);
  await until(() => arrived() !== undefined || sending.faults.length > 0, `${id} arrives or fails`);
  await sending.stopWorker(worker);
  const received = arrived();
  if (!received) {
    // Its lease would run out in the midst of another test.
    await sending.query(`UPDATE delivery SET status = 'failed' WHERE event_id = $1`, [id]);
    sending.faults.splice(0);
    return false;
  }
  const publicKeys = (await keys.publicKeys()).map(publicKeyEntry);
  const { headers, body } = received;
  for (const verifier of [{ secrets: [signing] }, { publicKeys }]) {
    expect(new WebhookVerifier(verifier).verify({ headers, body })).toMatchObject({ id });
  }
  return true;
}

test('a worker that is told of the secret to come opens what that one sealed already', async () => {
  await sealedBy(newer);
  expect(await delivers('evt_early', older, newer)).toBe(true);
  await sealedBy(older);
});

test('a worker that seals under the new secret opens what the former one sealed', async () => {
  expect(await delivers('evt_between', newer, older)).toBe(true);
});

test.each([
  ['without the former secret', undefined],
  ['with a third one', stranger],
])('%s nothing is sent, and nothing that it cannot open is sealed anew', async (_name, other) => {
  expect(await delivers(`evt_${other?.length}`, newer, other)).toBe(false);
  expect(await sealAnew(newer, other)).toEqual(other && { count: 0, lost: 2 });
  expect(await delivers(`evt_still_${other?.length}`, older)).toBe(true);
});

test('once all is sealed anew the former secret is needed no more, and opens nothing', async () => {
  expect(await sealAnew(newer, older)).toEqual({ count: 2, lost: 0 });
  expect(await sealAnew(newer, older)).toEqual({ count: 0, lost: 0 });
  expect(await delivers('evt_late', newer)).toBe(true);
  expect(await delivers('evt_too_late', older)).toBe(false);
});

test('the service seals anew by itself, as often as it keeps house', async () => {
  const running = await RunningWebhooks.start();
  const body = { url: 'https://hooks.example', events: ['post.*'], secret: signing };
  const { id } = (await running.ask(webhooks.createEndpoint, { body })).json.data;
  const place = `endpoint:${id}`;
  const sealed = secretsSeal(FORMER_SECRET, undefined).seal(place, signing);
  await running.asOwner('UPDATE endpoint_secret SET sealed_secret = $1', [sealed]);
  await running.housekeeping.keepHouse();
  const { rows } = await running.asOwner('SELECT sealed_secret AS sealed FROM endpoint_secret');
  expect(secretsSeal(SECRET, undefined).open(place, rows[0]?.sealed).toString()).toBe(signing);
  await running.stop();
});
