import { randomBytes } from 'node:crypto';
import { LOGIN_FAILURES_MAX, LOGIN_WINDOW_MS } from '../src/domain/people/login-limit.js';
import { LogIn } from '../src/operations/log-in.js';
import { aMember, aWorkspace } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const ROUNDS = 12;

let running: RunningIdentity;
let workspaceId: number;

beforeAll(async () => {
  running = await startIdentity();
  workspaceId = (await aWorkspace(running)).id;
});
afterEach(() => {
  running.clock.now = () => Date.now();
});
afterAll(() => running.stop());

const somebody = () => aMember(running, workspaceId, 'member');
/** Of documentation; no two tests fail from the same one. */
const anAddress = () => `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}::1`;
const logIn = (email: string, password: string, address = anAddress()) =>
  running.part(LogIn).execute({ email, password, address });
const outcomeOf = (work: Promise<unknown>) => work.then(() => 'in').catch((error) => error.code as string);
const fail = (email: string, address?: string) => outcomeOf(logIn(email, 'not the password', address));

async function failTimes(times: number, attempt: () => Promise<string>): Promise<string[]> {
  const outcomes = [];
  for (let time = 0; time < times; time += 1) outcomes.push(await attempt());
  return outcomes;
}

test('who types address and password is in, in whatever case the address is', async () => {
  const { userId, email, password } = await somebody();
  const account = await logIn(` ${email.toUpperCase()} `, password);
  expect(account).toEqual({ id: userId, email, name: 'Ada Weaver' });
});

test('a password in another Unicode form is the same password', async () => {
  const { email } = await aMember(running, workspaceId, 'member', 'crème brûlée');
  expect((await logIn(email, 'cre\u0300me bru\u0302le\u0301e')).email).toBe(email);
});

test('an unknown address and a wrong password are answered alike, and no typed text is a fault', async () => {
  const { email } = await somebody();
  const told = await Promise.all(
    [
      [email, 'wrong password'],
      ['nobody@shop.example', 'wrong password'],
      ['', ''],
      ['\u0000', 'a\u0000b\ud800'],
      [`${'x'.repeat(10_000)}@b.example`, 'y'.repeat(100_000)],
      ["' OR 1=1 --", 'x'],
    ].map(([typed = '', password = '']) => logIn(typed, password).catch((error) => error)),
  );
  expect(new Set(told.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
  expect(told[0]).toMatchObject({ code: 'unauthorized' });
});

test('an unknown address takes as long as a wrong password', async () => {
  const { email } = await somebody();
  const fastest = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const typed = round % 2 ? [email, 'nobody@shop.example'] : ['nobody@shop.example', email];
    for (const address of typed) {
      // No attempt counts any more when the next one is made.
      const at = Date.now() + round * LOGIN_WINDOW_MS;
      running.clock.now = () => at;
      const startedAt = performance.now();
      await fail(address);
      const tookMs = performance.now() - startedAt;
      fastest.set(address, Math.min(tookMs, fastest.get(address) ?? Number.POSITIVE_INFINITY));
    }
  }
  const [known = 0, unknown = 0] = [fastest.get(email), fastest.get('nobody@shop.example')];
  console.info(`known ${known.toFixed(1)} ms, unknown ${unknown.toFixed(1)} ms`);
  // Without the hash of nobody's the unknown one is more than five times as fast.
  expect(unknown / known).toBeGreaterThan(0.5);
  expect(unknown / known).toBeLessThan(2);
});

test('from the tenth failure on an account is refused, password right or wrong, for ten minutes', async () => {
  const { email, password } = await somebody();
  const startedAt = Date.now();
  running.clock.now = () => startedAt;
  const outcomes = await failTimes(LOGIN_FAILURES_MAX + 1, () => fail(email));
  expect(outcomes).toEqual([
    ...Array(LOGIN_FAILURES_MAX - 1).fill('unauthorized'),
    ...Array(2).fill('rate_limit_exceeded'),
  ]);
  running.clock.now = () => startedAt + LOGIN_WINDOW_MS - 1_000;
  await expect(logIn(email, password)).rejects.toMatchObject({
    code: 'rate_limit_exceeded',
    retryAfterSeconds: 1,
  });
  running.clock.now = () => startedAt + LOGIN_WINDOW_MS;
  expect((await logIn(email, password)).email).toBe(email);
});

test('an unknown address is limited like a known one', async () => {
  const email = `nobody-${randomBytes(4).toString('hex')}@shop.example`;
  const outcomes = await failTimes(LOGIN_FAILURES_MAX, () => fail(email));
  expect(outcomes.at(-2)).toBe('unauthorized');
  expect(outcomes.at(-1)).toBe('rate_limit_exceeded');
});

test('an address that tries many accounts is refused for each of them, and nobody else is', async () => {
  const { email, password } = await somebody();
  const address = '192.0.2.7';
  const outcomes = await failTimes(LOGIN_FAILURES_MAX, () =>
    fail(`${randomBytes(4).toString('hex')}@shop.example`, address),
  );
  expect(outcomes.at(-1)).toBe('rate_limit_exceeded');
  expect(await outcomeOf(logIn(email, password, '::ffff:192.0.2.7'))).toBe('rate_limit_exceeded');
  expect(await outcomeOf(logIn(email, password, '192.0.2.8'))).toBe('in');
});

test('a whole IPv6 block counts as one address', async () => {
  const outcomes = [];
  for (let host = 1; host <= LOGIN_FAILURES_MAX; host += 1) {
    outcomes.push(await fail(`${host}@shop.example`, `2001:db8:0:7::${host}`));
  }
  expect(outcomes.at(-1)).toBe('rate_limit_exceeded');
});

test('the tenth attempt is no failure when the password is right, and takes nothing from the next', async () => {
  const { email, password } = await somebody();
  await failTimes(LOGIN_FAILURES_MAX - 1, () => fail(email));
  expect(await outcomeOf(logIn(email, password))).toBe('in');
  expect(await outcomeOf(logIn(email, password))).toBe('in');
});

test('of 40 attempts at once, no more passwords are compared than the limit lets', async () => {
  const { email, password } = await somebody();
  await failTimes(LOGIN_FAILURES_MAX - 3, () => fail(email));
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => fail(email)));
  expect(outcomes.filter((outcome) => outcome === 'unauthorized')).toHaveLength(2);
  expect(outcomes.filter((outcome) => outcome === 'rate_limit_exceeded')).toHaveLength(38);
  expect(await outcomeOf(logIn(email, password))).toBe('rate_limit_exceeded');
});

test('what is kept of failures names nobody, and goes when it no longer counts', async () => {
  const { email } = await somebody();
  await fail(email, '192.0.2.99');
  const kept = async () => (await running.asOwner('SELECT * FROM login_failure')).rows;
  const bytes = (await kept()).map(({ subject }) => subject.toString('latin1')).join();
  expect(bytes).not.toMatch(/192\.0\.2|shop/);
  running.clock.now = () => Date.now() + LOGIN_WINDOW_MS * (ROUNDS + 1);
  await running.keepHouse();
  expect(await kept()).toEqual([]);
});

test('a password is kept as Argon2id with OWASP’s parameters', async () => {
  const { userId, password } = await somebody();
  const { rows } = await running.asOwner('SELECT password_hash FROM user_account WHERE id = $1', [userId]);
  expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(rows[0]?.password_hash).not.toContain(password);
});
