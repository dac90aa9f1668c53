import type { GatewayClient } from '../gateway.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';

let workspaces: Workspaces;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
  home = await workspaces.create();
  ({ client } = home);
});
afterAll(() => workspaces.close());

test('Validation Error (422)', async () => {
  const { status, json } = await client.write('POST', '/api/v1/workspaces', {});
  expect([status, json]).toEqual([
    422,
    {
      error: 'validation_failed',
      message: 'The given data was invalid.',
      errors: { name: ['The name field is required.'] },
    },
  ]);
});

test.each(['/api/v1/nothing', '/api/v1/workspaces/999999999', '/api/v1/api-keys/abc'])(
  'Not Found (404) at %s',
  async (path) => {
    const { status, json } = await client.get(path);
    expect([status, json]).toEqual([404, { error: 'not_found', message: 'Resource not found.' }]);
  },
);

test('Unauthorized (401)', async () => {
  const { status, json } = await client.withKey(undefined).get('/api/v1/workspaces');
  expect([status, json]).toEqual([401, { error: 'unauthorized', message: 'Invalid or missing API key.' }]);
});

test('Forbidden (403)', async () => {
  const narrow = client.withKey(await workspaces.createKey(home.id, ['posts:read']));
  const { status, json } = await narrow.write('POST', '/api/v1/api-keys', { name: 'x' });
  expect([status, json]).toEqual([
    403,
    { error: 'access_denied', message: 'Insufficient permissions. Required scope: api-keys:write' },
  ]);
});

test('a wrong method, a body that is no JSON, too large or of another type: in the same envelope', async () => {
  const wrong = await client.write('PUT', '/api/v1/workspaces', {});
  expectProblem(wrong, 'method_not_allowed');
  expect(wrong.headers.allow).toContain('POST');
  expect(Object.keys(wrong.json)).toEqual(['error', 'message']);
  expectProblem(await client.write('POST', '/api/v1/workspaces', '{"name":'), 'invalid_json');
  const large = JSON.stringify({ name: 'x'.repeat(300 * 1024) });
  expectProblem(await client.write('POST', '/api/v1/workspaces', large), 'payload_too_large');
  const form = { 'content-type': 'text/plain' };
  expectProblem(await client.write('POST', '/api/v1/workspaces', 'name=x', form), 'unsupported_media_type');
});
