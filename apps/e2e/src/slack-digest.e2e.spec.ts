import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Receiver } from './receiver.fixture.js';
import { systemUnderTest, untilReady } from './system.fixture.js';

const run = promisify(execFile);
const system = systemUnderTest();

/** As its README prints it. */
const TALLY = `6 shops, 30 events
#approvals          6
#incidents          12
#own-changes        6
#partner-changes    6
`;

let slack: Receiver;
beforeAll(async () => {
  await untilReady(system);
  slack = await Receiver.open();
});
afterAll(() => slack.close());

async function runDigest(): Promise<string> {
  const words = ['docs/examples/slack-digest/slack-digest.mjs', '--slack-url', slack.url];
  const env = { ...process.env, MAGISTRY_HOME: system.home };
  return (await run(process.execPath, words, { env, timeout: 60_000 })).stdout;
}

test('six shops are told to their channels by severity and kind of agent, and again by a second run', async () => {
  expect(await runDigest()).toBe(TALLY);
  const posted = new Map(slack.received.map(({ json }) => [json.channel, json.text as string]));
  expect([...posted.keys()]).toEqual(['#approvals', '#incidents', '#own-changes', '#partner-changes']);
  expect(posted.get('#partner-changes')).toContain('partner:research-tool · PRICE_CHANGE · linen-shirt');
  expect(posted.get('#approvals')).toContain('linen-coat');
  const shops = new Set(posted.get('#own-changes')?.match(/digest-shop-\d/g));
  expect(shops.size).toBe(6);
  expect(await runDigest()).toBe(TALLY);
}, 120_000);
