import type { GatewayClient } from '../gateway.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { Workspaces } from '../workspaces.fixture.js';

const PATH = '/api/v1/entitlements';
const UPGRADE_URL = 'https://example.com/upgrade';
const FIRST_OF_A_MONTH = expect.stringMatching(/^\d{4}-\d\d-01T00:00:00Z$/);

let workspaces: Workspaces;
let maker: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
  maker = (await workspaces.create()).client;
});
afterAll(() => workspaces.close());

/** Acts in a fresh workspace of the tier. */
async function inWorkspaceOf(tier: string) {
  const { json } = await maker.write('POST', '/api/v1/workspaces', { name: 'Metered', tier });
  const { id } = json.data;
  const inside = { 'x-workspace-id': String(id) };
  return {
    id,
    get: (path: string) => maker.get(PATH + path, inside),
    use: (body: unknown, headers = {}) =>
      maker.write('POST', `${PATH}/usage`, body, { ...inside, ...headers }),
  };
}

test('Check Feature Access', async () => {
  const workspace = await inWorkspaceOf('starter');
  await workspace.use({ feature: 'posts', quantity: 45 });
  const { status, json } = await workspace.get('/check?feature=posts');
  expect([status, json]).toEqual([
    200,
    { allowed: true, feature: 'posts', current_usage: 45, limit: 100, available: 55 },
  ]);
  expect((await workspace.get('/check?feature=posts&quantity=56')).json.allowed).toBe(false);
  await workspace.use({ feature: 'posts', quantity: 55 });
  expect((await workspace.get('/check?feature=posts')).json).toEqual({
    allowed: false,
    feature: 'posts',
    reason: 'LIMIT_EXCEEDED',
    message: 'Post limit exceeded. Used: 100, Limit: 100',
    current_usage: 100,
    limit: 100,
    available: 0,
    upgrade_url: UPGRADE_URL,
  });
  expectProblem(await workspace.get('/check?feature=likes'), 'not_found');
  const unnamed = await workspace.get('/check');
  expectProblem(unnamed, 'validation_failed');
  expect(unnamed.json.errors).toEqual({ feature: ['The feature field is required.'] });
});

test('Record Usage', async () => {
  const workspace = await inWorkspaceOf('pro');
  await workspace.use({ feature: 'api_calls', quantity: 5_000 });
  const { status, json } = await workspace.use({
    feature: 'api_calls',
    quantity: 1,
    metadata: { endpoint: '/api/v1/posts' },
  });
  expect([status, json]).toEqual([
    200,
    { recorded: true, feature: 'api_calls', current_usage: 5001, limit: 10000 },
  ]);
});

test('Get Usage Summary', async () => {
  const workspace = await inWorkspaceOf('pro');
  await workspace.use({ feature: 'posts', quantity: 45 });
  await workspace.use({ feature: 'api_calls', quantity: 5_001 });
  await workspace.use({ feature: 'storage', quantity: 1_073_741_824 });
  const { status, json } = await workspace.get('/summary');
  expect(status).toBe(200);
  expect(json).toMatchObject({
    data: {
      workspace_id: workspace.id,
      tier: 'pro',
      entitlements: {
        posts: { used: 45, limit: 1000, available: 955, percentage: 4.5 },
        api_calls: {
          used: 5001,
          limit: 10000,
          available: 4999,
          percentage: 50.01,
          reset_at: FIRST_OF_A_MONTH,
        },
        storage: {
          used: 1073741824,
          limit: 5368709120,
          available: 4294967296,
          percentage: 20,
          unit: 'bytes',
        },
      },
    },
  });
});

test('of 30 uses at once as many go through as fit, and the others are told where to get more', async () => {
  const workspace = await inWorkspaceOf('free');
  const answers = await Promise.all(Array.from({ length: 30 }, () => workspace.use({ feature: 'posts' })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  const refused = answers.find(({ status }) => status === 403);
  expect(refused?.json).toEqual({
    error: 'feature_limit_reached',
    message: 'You have reached your limit for this feature.',
    feature: 'posts',
    upgrade_url: UPGRADE_URL,
  });
});
