import { DocumentedCommands, freePort } from './documented-commands.fixture.js';
import { systemUnderTest, untilReady } from './system.fixture.js';

const TEST_MS_MAX = 60_000;
const system = systemUnderTest();

test(
  'the commands of "Your first agent" run as they stand and answer what the page prints',
  async () => {
    await untilReady(system);
    const page = new DocumentedCommands('docs/agents.md');
    expect(page.steps.length).toBeGreaterThanOrEqual(25);
    expect(page.answered).toBeGreaterThanOrEqual(22);
    const environment = { MODEL_PORT: await freePort() };
    const outputs = await page.run(system, { environment, timeoutMs: TEST_MS_MAX });
    const [agents = ''] = outputs.filter((text) => text.startsWith('[{'));
    const slugs = JSON.parse(agents).map(({ slug }: { slug: string }) => slug);
    expect(slugs).toEqual(expect.arrayContaining(['offer-orchestrator-mag', 'catalog-assistant']));
  },
  TEST_MS_MAX,
);
