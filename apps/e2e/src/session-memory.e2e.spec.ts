import type { GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const MESSAGES = 60;
/** What the budget of the shipped agent leaves never comes into play: 40 turns are what is shown in full. */
const PROMPT_TOKENS_MAX = 4_000;
const SMALL_TALK = 'The weather is fine today, and the shop is full.';

const system = systemUnderTest();
let workspaces: Workspaces;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  ({ client } = await workspaces.createOpen());
});
afterAll(() => workspaces.close());

test('a session of 60 messages has bounded prompts, and its agent knows what was said first', async () => {
  const say = async (content: string) => {
    const body = { content, session_id: 'long' };
    const { status, json } = await client.send('/api/v1/messages', { method: 'POST', body });
    expect(status).toBe(200);
    return json as { content: string; usage: { prompt_tokens: number } };
  };
  const prompts = [(await say('My name is Ada, and my budget is 500 EUR.')).usage.prompt_tokens];
  for (let count = 2; count <= MESSAGES; count += 1)
    prompts.push((await say(`${count}: ${SMALL_TALK}`)).usage.prompt_tokens);
  expect(Math.max(...prompts)).toBeLessThan(PROMPT_TOKENS_MAX);
  // The window slides: the last of them are not dearer than those before it was full.
  expect(Math.max(...prompts.slice(-15))).toBeLessThanOrEqual(Math.max(...prompts.slice(0, -15)));
  expect((await say('What is my name?')).content).toBe('Your name is Ada.');
  expect((await say('What is my budget?')).content).toBe('Your budget is 500 EUR.');
}, 60_000);
