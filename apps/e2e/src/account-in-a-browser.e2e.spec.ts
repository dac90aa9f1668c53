import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { obstaclesOf, startBrowser, Visitor } from './browser.fixture.js';
import { eventually } from './eventually.fixture.js';
import { GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestPartner, Workspaces } from './workspaces.fixture.js';

const TEST_MS_MAX = 90_000;
const EVERYWHERE_MS_MAX = 5_000;
const PASSWORD = 'loom and shuttle';

const system = systemUnderTest();
let browser: Browser;
let workspaces: Workspaces;
let partner: TestPartner;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  const applicant = await workspaces.create();
  partner = await workspaces.createPartner(applicant.id, ['decisions:read']);
  browser = await startBrowser();
}, TEST_MS_MAX);
afterAll(async () => {
  await browser?.close();
  await workspaces?.close();
});

const at = (path: string) => `${system.gatewayUrl}${path}`;
const statusFor = async (key: string, workspace: string) => {
  const client = new GatewayClient(system.gatewayUrl, key);
  return (await client.get('/v1/decisions', { 'x-workspace-id': workspace })).status;
};
const aPerson = (name: string) => ({ name, email: `${randomBytes(6).toString('hex')}@journey.example` });

async function signUp(visitor: Visitor, { name, email }: ReturnType<typeof aPerson>): Promise<string> {
  await visitor.page.goto(at('/oauth/signup'));
  const typed = { 'Your name': name, 'E-mail address': email, Password: 'short' };
  await visitor.fill({ ...typed, 'Name of your workspace': `Mill of <${name}> & "Co"` });
  await visitor.press('Sign up');
  expect(await visitor.page.title()).toMatch(/^Error: /);
  expect(await visitor.page.getByRole('alert').textContent()).toContain('at least 12 characters');
  expect(await obstaclesOf(visitor.page)).toEqual([]);
  await visitor.fill({ Password: PASSWORD });
  await visitor.press('Sign up');
  expect(await visitor.heading()).toBe(`API keys of Mill of <${name}> & "Co"`);
  return new URL(visitor.page.url()).pathname.split('/')[3] ?? '';
}

async function makeKey(visitor: Visitor): Promise<string> {
  await visitor.fill({ Name: 'Content site' });
  await visitor.press('Make a key');
  const key = await visitor.shownOnce();
  expect(await obstaclesOf(visitor.page)).toEqual([]);
  return key;
}

/** The registry has a page for so many partners, and other suites make them too. */
async function findPartner(visitor: Visitor) {
  const card = visitor.page.locator(`#partner-${partner.slug}`);
  while ((await card.count()) === 0) await visitor.follow('More partners');
  return card;
}

async function installAndTakeOut(visitor: Visitor, workspace: string): Promise<void> {
  expect(await statusFor(partner.key, workspace)).toBe(404);
  await visitor.follow('Partners');
  const card = await findPartner(visitor);
  expect(await card.textContent()).toContain('Do everything in the workspace');
  await card.getByRole('button').click();
  await visitor.page.getByText('It may:').waitFor();
  expect(await obstaclesOf(visitor.page)).toEqual([]);
  expect(await statusFor(partner.key, workspace)).toBe(200);
  await visitor.pressTwice('Take out');
  await visitor.page.getByText('No partner may act in this workspace.').waitFor();
  await eventually(EVERYWHERE_MS_MAX, async () => {
    const status = await statusFor(partner.key, workspace);
    if (status !== 404) throw new Error(`the partner still gets ${status}`);
  });
}

async function inviteColleague(visitor: Visitor, javaScript: boolean): Promise<void> {
  const colleague = aPerson('Ben');
  await visitor.follow('Members');
  await visitor.page.getByLabel('E-mail address').fill(colleague.email);
  await visitor.press('Invite');
  const link = await visitor.shownOnce();
  expect(await obstaclesOf(visitor.page)).toEqual([]);
  const invited = await Visitor.arrive(browser, { javaScript });
  await invited.page.goto(link);
  expect(await obstaclesOf(invited.page)).toEqual([]);
  await invited.fill({ 'Your name': colleague.name, Password: PASSWORD });
  await invited.press('Sign up and accept');
  expect(await invited.heading()).toMatch(/^API keys of Mill/);
  expect(await invited.page.getByText('Your role does not make keys').count()).toBe(1);
  await invited.page.goto(link);
  expect(await invited.heading()).toBe('This did not work');
  expect(invited.faults).toEqual([]);
  await invited.leave();
}

test.each([{ javaScript: true }, { javaScript: false }])(
  'a person signs up, makes a key, installs a partner and takes it out, invites a colleague: %j',
  async ({ javaScript }) => {
    const visitor = await Visitor.arrive(browser, { javaScript });
    const person = aPerson('Ada');
    const workspace = await signUp(visitor, person);
    const key = await makeKey(visitor);
    expect(await statusFor(key, workspace)).toBe(200);
    await visitor.page.reload();
    expect((await visitor.page.locator('.card h3').allTextContents()).length).toBe(1);
    await installAndTakeOut(visitor, workspace);
    await inviteColleague(visitor, javaScript);
    await visitor.follow('API keys');
    await visitor.pressTwice('Revoke');
    await visitor.page.getByText('There are none yet.').waitFor();
    await eventually(EVERYWHERE_MS_MAX, async () => {
      if ((await statusFor(key, workspace)) !== 401) throw new Error('the key still opens something');
    });
    await visitor.page.getByRole('button', { name: 'Log out' }).click();
    expect(await visitor.heading()).toBe('Log in');
    await visitor.page.goto(at(`/oauth/account/${workspace}/keys`));
    expect(await visitor.heading()).toBe('Log in');
    await visitor.fill({ 'E-mail address': person.email, Password: PASSWORD });
    await visitor.press('Log in');
    expect(await visitor.heading()).toMatch(/^API keys of Mill/);
    expect(visitor.faults).toEqual([]);
    await visitor.leave();
  },
  TEST_MS_MAX,
);
