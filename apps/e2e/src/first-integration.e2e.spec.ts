import { DocumentedCommands, freePort } from './documented-commands.fixture.js';
import { systemUnderTest, untilReady } from './system.fixture.js';

const TEST_MS_MAX = 60_000;
const system = systemUnderTest();

test(
  'the commands of "Your first integration" run as they stand and answer what the page prints',
  async () => {
    await untilReady(system);
    const page = new DocumentedCommands('docs/partners.md');
    expect(page.steps.length).toBeGreaterThanOrEqual(25);
    expect(page.answered).toBeGreaterThanOrEqual(20);
    const environment = { RECEIVER_PORT: await freePort() };
    const outputs = await page.run(system, { environment, timeoutMs: TEST_MS_MAX });
    const [decisions = ''] = outputs.filter((text) => text.startsWith('{"data":'));
    const { data } = JSON.parse(decisions);
    expect(data).toHaveLength(2);
  },
  TEST_MS_MAX,
);
