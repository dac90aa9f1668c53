import { type AgentDefinition, agents } from '@magistry/contracts';
import { type RunningAgents, startAgents } from './agents.fixture.js';

const SECRET = 'sk-very-secret-model-key';
const HELPER = { slug: 'helper', title: 'Helper', description: 'Helps.' };
let running: RunningAgents;

beforeAll(async () => {
  running = await startAgents();
});
afterAll(() => running.stop());

let workspaceIds = 1_000;
/** The API of the registry in a workspace of its own. */
function newWorkspace() {
  workspaceIds += 1;
  const workspace = { id: workspaceIds };
  const at = (slug: string) => ({ params: { slug } });
  return {
    workspace,
    create: (body: object) => running.send(agents.createAgent, { body }, workspace),
    change: (slug: string, body: object) =>
      running.send(agents.updateAgent, { ...at(slug), body }, workspace),
    remove: (slug: string) => running.send(agents.deleteAgent, at(slug), workspace),
    find: async (slug: string) =>
      (await running.send(agents.getAgent, at(slug), workspace)).json as AgentDefinition,
    slugs: async () =>
      ((await running.send(agents.listAgents, {}, workspace)).json as { slug: string }[]).map(
        ({ slug }) => slug,
      ),
    run: (slug: string, payload: object) =>
      running.send(agents.runAgent, { ...at(slug), body: { payload } }, workspace),
  };
}

test('an agent that is made is listed, shown with its defaults, and runs by its own schema', async () => {
  const { create, find, slugs, run } = newWorkspace();
  const payload_schema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  const output_schema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  const made = await create({ ...HELPER, payload_schema, output_schema });
  expect(made).toMatchObject({ status: 201, json: { ...HELPER, tools: [], time_limit_s: 60 } });
  expect(await find('helper')).toEqual(made.json);
  expect(await slugs()).toContain('helper');
  expect((await run('helper', { name: 'Ada' })).json).toMatchObject({ output: { name: 'Ada' } });
  await expect(run('helper', {})).rejects.toMatchObject({ errors: [{ path: 'payload.name' }] });
});

test('a slug that is taken is conflict, whether shipped or made, and free again once removed', async () => {
  const { create, remove, slugs } = newWorkspace();
  await create(HELPER);
  await expect(create(HELPER)).rejects.toMatchObject({ code: 'conflict' });
  const shipped = { ...HELPER, slug: 'catalog-assistant' };
  await expect(create(shipped)).rejects.toMatchObject({ code: 'conflict' });
  expect((await remove('catalog-assistant')).status).toBe(204);
  expect(await slugs()).not.toContain('catalog-assistant');
  await expect(remove('catalog-assistant')).rejects.toMatchObject({ code: 'agent_not_found' });
  expect((await create(shipped)).status).toBe(201);
});

test('a shipped agent is changed for its workspace alone, and keeps what is not named', async () => {
  const [mine, others] = [newWorkspace(), newWorkspace()];
  const before = await mine.find('offer-orchestrator-mag');
  const changed = await mine.change('offer-orchestrator-mag', { title: 'Ours', output_schema: null });
  const { output_schema, ...kept } = before;
  expect(changed.json).toEqual({ ...kept, title: 'Ours' });
  expect(await others.find('offer-orchestrator-mag')).toEqual(before);
});

test('changes at once lose nothing', async () => {
  const { create, change, find } = newWorkspace();
  await create(HELPER);
  const changes = [{ title: 'T' }, { description: 'D' }, { time_limit_s: 5 }, { tools: ['salary_band'] }];
  await Promise.all(changes.map((body) => change('helper', body)));
  expect(await find('helper')).toMatchObject(Object.assign({}, ...changes));
});

test('of two agents that are made at once under one slug one is', async () => {
  const { create } = newWorkspace();
  const answers = await Promise.allSettled([create(HELPER), create(HELPER), create(HELPER)]);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each<[string, object, string]>([
  ['an unknown tool', { tools: ['salary_band', 'rm'] }, 'tools[1]'],
  ['an unknown tool to hand on', { delegable_tools: ['rm'] }, 'delegable_tools[0]'],
  ['a sub-agent that is not there', { sub_agents: ['nobody'] }, 'sub_agents[0]'],
  ['itself', { sub_agents: ['helper'] }, 'sub_agents[0]'],
  [
    'a pattern',
    { payload_schema: { type: 'object', properties: { a: { pattern: '(a+)+$' } } } },
    'payload_schema',
  ],
  ['a schema of no object', { output_schema: { type: 'string' } }, 'output_schema'],
  ['a private address', { model: { name: 'm', base_url: 'https://10.0.0.1/v1' } }, 'model.base_url'],
  ['an address of metadata', { model: { name: 'm', base_url: 'http://169.254.169.254/' } }, 'model.base_url'],
  ['no URL', { model: { name: 'm', base_url: 'nonsense' } }, 'model.base_url'],
  ['a key without its address', { model: { name: 'm', api_key: SECRET } }, 'model.api_key'],
  ['a member that there is not', { temperature: 1 }, 'temperature'],
])('%s is refused by its field, and makes nothing', async (_, wrong, path) => {
  const { create, slugs } = newWorkspace();
  const asked = create({ ...HELPER, ...wrong });
  await expect(asked).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: expect.stringContaining(path) }],
  });
  expect(await slugs()).not.toContain('helper');
});

test('sub-agents never lead back, even where two changes at once would', async () => {
  const { create, change } = newWorkspace();
  for (const slug of ['one', 'two', 'three']) await create({ ...HELPER, slug });
  await change('two', { sub_agents: ['three'] });
  const answers = await Promise.allSettled([
    change('one', { sub_agents: ['two'] }),
    change('three', { sub_agents: ['one'] }),
  ]);
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(refused.map(({ reason }) => reason.errors[0])).toMatchObject([
    { path: 'sub_agents[0]', code: 'cycle' },
  ]);
});

test('an agent that others ask is removed only once they do not', async () => {
  const { change, remove } = newWorkspace();
  const asked = remove('compensation-advisor-sag');
  await expect(asked).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('offer-orchestrator-mag'),
  });
  await change('offer-orchestrator-mag', { sub_agents: [] });
  expect((await remove('compensation-advisor-sag')).status).toBe(204);
});

test('the key of a model is shown nowhere', async () => {
  const { create, change, find } = newWorkspace();
  const model = { name: 'm', base_url: 'https://models.example.com/v1' };
  const made = await create({ ...HELPER, model: { ...model, api_key: SECRET } });
  const changed = await change('helper', { title: 'T' });
  for (const shown of [made.json, changed.json, await find('helper')]) {
    expect(shown).toMatchObject({ model });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
  }
});

test('an agent of another workspace is agent_not_found', async () => {
  const [mine, others] = [newWorkspace(), newWorkspace()];
  await mine.create(HELPER);
  for (const ask of [
    () => others.find('helper'),
    () => others.change('helper', {}),
    () => others.remove('helper'),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'agent_not_found' });
});

test('a retried change is answered as the first time, and is made once', async () => {
  const { workspace, find } = newWorkspace();
  const at = { params: { slug: 'helper' } };
  const changes = [
    [agents.createAgent, { body: HELPER, idempotencyKey: 'make' }],
    [agents.updateAgent, { ...at, body: { title: 'First' }, idempotencyKey: 'change' }],
    [agents.createDocument, { ...at, body: { name: 'A', content: 'Linen.' }, idempotencyKey: 'give' }],
    [agents.deleteAgent, { ...at, idempotencyKey: 'remove' }],
  ] as const;
  for (const [operation, request] of changes) {
    const twins = await Promise.all([1, 2].map(() => running.send(operation, request, workspace)));
    expect([operation.name, twins[1]]).toEqual([operation.name, twins[0]]);
    expect([operation.name, await running.send(operation, request, workspace)]).toEqual([
      operation.name,
      twins[0],
    ]);
    if (operation === agents.updateAgent) {
      await running.send(agents.updateAgent, { ...at, body: { title: 'Second' } }, workspace);
      expect(await running.send(operation, request, workspace)).toEqual(twins[0]);
      expect((await find('helper')).title).toBe('Second');
    }
  }
  const [[, made]] = changes;
  const other = running.send(agents.createAgent, { ...made, body: { ...HELPER, title: 'Other' } }, workspace);
  await expect(other).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  await expect(find('helper')).rejects.toMatchObject({ code: 'agent_not_found' });
});
