import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import type { Browser } from 'playwright-core';
import { obstaclesOf, startBrowser, Visitor } from './browser.fixture.js';
import { eventually } from './eventually.fixture.js';
import { GatewayClient } from './gateway.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const TEST_MS_MAX = 90_000;
const EVERYWHERE_MS_MAX = 5_000;
const SCOPES = 'openid profile decisions:read planner:write';
const NAME = 'Research <Tool>';

const system = systemUnderTest();
const person = {
  email: `${randomBytes(6).toString('hex')}@journey.example`,
  name: 'Ada',
  password: 'loom and shuttle',
};
let browser: Browser;
let workspaces: Workspaces;
let application: Server;
let own: TestWorkspace;
let other: TestWorkspace;
let config: client.Configuration;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  [own, other] = [await workspaces.createOpen(), await workspaces.createOpen()];
  await workspaces.admit(own.id, person, 'owner');
  await workspaces.admit(other.id, person, 'viewer');
  application = createServer((_, response) => response.end('the application'));
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  config = await register();
  browser = await startBrowser();
}, TEST_MS_MAX);
afterAll(async () => {
  await browser?.close();
  application?.close();
  await workspaces?.close();
});

const callback = () => `http://127.0.0.1:${(application.address() as AddressInfo).port}/callback`;

/** As a partner registers its application. */
async function register(): Promise<client.Configuration> {
  const { key } = await workspaces.createPartner(own.id, []);
  const metadata = {
    client_name: NAME,
    ...{ application_type: 'native', redirect_uris: [callback()], token_endpoint_auth_method: 'none' },
    scope: SCOPES,
  };
  const options = { execute: [client.allowInsecureRequests], initialAccessToken: key };
  return client.dynamicClientRegistration(new URL(system.gatewayUrl), metadata, client.None(), options);
}

async function begin(visitor: Visitor) {
  const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()];
  const url = client.buildAuthorizationUrl(config, {
    ...{ redirect_uri: callback(), scope: SCOPES, state: expectedState, code_challenge_method: 'S256' },
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  });
  await visitor.page.goto(url.href);
  const finish = async () => {
    await visitor.page.waitForURL(/\/callback\?/);
    return client.authorizationCodeGrant(config, new URL(visitor.page.url()), {
      ...{ pkceCodeVerifier, expectedState },
    });
  };
  return { finish };
}

async function logIn(visitor: Visitor): Promise<void> {
  await visitor.fill({ 'E-mail address': person.email, Password: 'not the password' });
  await visitor.press('Log in');
  expect(await visitor.page.getByRole('alert').textContent()).toContain('no account with this address');
  expect(await obstaclesOf(visitor.page)).toEqual([]);
  await visitor.fill({ Password: person.password });
  await visitor.press('Log in');
}

test.each([{ javaScript: true }, { javaScript: false }])(
  'who logs in and consents lets an application into the workspace that was chosen, as far as the role goes: %j',
  async ({ javaScript }) => {
    const visitor = await Visitor.arrive(browser, { javaScript });
    const { finish } = await begin(visitor);
    await logIn(visitor);
    expect(await visitor.heading()).toBe(`Let ${NAME} in?`);
    const asked = await visitor.page.locator('main').textContent();
    expect(asked).toContain('See decisions in the ledger');
    expect(asked).toContain('Without what a viewer may not do: Propose decisions');
    expect(await obstaclesOf(visitor.page)).toEqual([]);
    await visitor.page.getByLabel(`${other.slug} (you are viewer)`).check();
    await visitor.press('Allow');
    const tokens = await finish();
    const api = new GatewayClient(system.gatewayUrl, tokens.access_token);
    expect(tokens.scope?.split(' ')).not.toContain('planner:write');
    expect((await api.get('/v1/decisions')).status).toBe(200);
    expect((await api.propose({ ...aSmallStep(randomUUID()) })).status).toBe(403);
    expect(visitor.faults).toEqual([]);
    await visitor.leave();
  },
  TEST_MS_MAX,
);

test(
  'a second application of the same person asks for no password; who says no sends it away with access_denied',
  async () => {
    const visitor = await Visitor.arrive(browser);
    const first = await begin(visitor);
    await logIn(visitor);
    await visitor.page.getByLabel(`${own.slug} (you are owner)`).check();
    await visitor.press('Allow');
    await first.finish();
    config = await register();
    const second = await begin(visitor);
    expect(await visitor.heading()).toBe(`Let ${NAME} in?`);
    await visitor.press('Deny');
    await expect(second.finish()).rejects.toMatchObject({ error: 'access_denied' });
    expect(visitor.faults).toEqual([]);
    await visitor.leave();
  },
  TEST_MS_MAX,
);

test(
  'a token follows its person’s role, and ends with the membership',
  async () => {
    const visitor = await Visitor.arrive(browser);
    const { finish } = await begin(visitor);
    await logIn(visitor);
    await visitor.page.getByLabel(`${own.slug} (you are owner)`).check();
    await visitor.press('Allow');
    const api = new GatewayClient(system.gatewayUrl, (await finish()).access_token);
    const propose = () => api.propose({ ...aSmallStep(randomUUID()), dry_run: true });
    expect((await propose()).status).toBe(200);
    await workspaces.admit(own.id, { ...person, email: `second-${person.email}` }, 'owner');
    const { json } = await own.client.get('/v1/members');
    const path = `/v1/members/${json.data.find(({ email }: { email: string }) => email === person.email).id}`;
    const becomes = (wanted: number) =>
      eventually(EVERYWHERE_MS_MAX, async () => {
        const { status } = await propose();
        if (status !== wanted) throw new Error(`proposing is answered with ${status}`);
      });
    await own.client.write('PATCH', path, { role: 'viewer' });
    await becomes(403);
    await own.client.write('DELETE', path, undefined);
    await becomes(401);
    await visitor.leave();
  },
  TEST_MS_MAX,
);
