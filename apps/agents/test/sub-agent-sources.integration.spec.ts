import { agents } from '@magistry/contracts';
import { eventsOf, type RunningAgents, startAgents, WORKSPACE_ID } from './agents.fixture.js';
import { Documents } from './documents.fixture.js';

const CARE = 'Linen is washed at 30 degrees and dried on a line.';
const SECRET = 'The safe stands behind the boiler.';
const payload_schema = { type: 'object', properties: { query: { type: 'string' } } };
const agent = (slug: string, more: object) =>
  agents.agentDefinition.parse({ slug, title: slug, description: `The ${slug}.`, payload_schema, ...more });

let running: RunningAgents;
let documentId: number;

beforeAll(async () => {
  const shippedAgents = [
    agent('concierge', { sub_agents: ['desk'] }),
    agent('desk', { sub_agents: ['librarian'] }),
    agent('librarian', {}),
  ];
  running = await startAgents({ shippedAgents });
  const library = new Documents(running, WORKSPACE_ID, 'librarian');
  const { data } = await library.create(`## Linen\n\n${CARE}\n\n## Safe\n\n${SECRET}\n`, 'Care guide');
  documentId = data.id;
  await library.untilNoneIs('indexing');
});
afterAll(() => running.stop());

interface Answered {
  readonly id: string;
  readonly content: string;
  readonly citations: readonly agents.Citation[];
}

async function ask(agent: string, content: string): Promise<Answered> {
  return (await running.send(agents.sendMessage, { body: { content, agent } })).json as Answered;
}

test.each([
  ['one level below', 'desk', 'Ask the librarian how linen is washed.'],
  ['two levels below', 'concierge', 'Ask the desk to ask the librarian how linen is washed.'],
])(
  'what a sub-agent %s has found is cited as the passage that the answer relies on',
  async (_, slug, content) => {
    const { content: answer, citations } = await ask(slug, content);
    const marker = `[${documentId}.1]`;
    expect(answer).toContain(`${CARE} ${marker}`);
    expect(citations).toEqual([
      { marker, document_id: documentId, name: 'Care guide', heading: 'Linen', passage: CARE },
    ]);
  },
);

test('the stream tells of the sub-agent what it said, and no member more', async () => {
  const { id } = await ask('desk', 'Ask the librarian how linen is washed.');
  const events = (await eventsOf(running, id)) as unknown as Record<string, unknown>[];
  const completed = events.find(({ event }) => event === 'tool.completed');
  expect(Object.keys(completed ?? {}).sort()).toEqual(['event', 'name', 'output', 'tool_call_id']);
});
