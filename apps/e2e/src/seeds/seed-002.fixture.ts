import type { Answered, GatewayClient } from '../gateway.fixture.js';
import type { TestWorkspace } from '../workspaces.fixture.js';
import { INSTANT } from './seed-003.fixture.js';

export const MESSAGES = '/api/v1/messages';
export const INTEGRATIONS = '/api/v1/integrations';
export const GREETING = 'Hello! How can I help you today?';

/** What seed 002 prints where the value itself depends on the moment. */
export const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const MESSAGE_ID = expect.stringMatching(/^msg_[0-9A-Z]{26}$/);
export const COUNT = expect.any(Number);
export { INSTANT };

export interface Widget {
  readonly id: number;
  readonly key: string;
  readonly client: GatewayClient;
}

/** A key that speaks to one agent. */
export async function integrate(
  { client }: Pick<TestWorkspace, 'client'>,
  agent = 'catalog-assistant',
): Promise<Widget> {
  const { status, json } = await client.write('POST', INTEGRATIONS, { name: 'Widget', agent });
  expect(status).toBe(201);
  const { id, key } = json.data;
  return { id, key, client: client.withKey(key) };
}

/** As the examples of the seed do: without an Idempotency-Key. */
export function post(client: GatewayClient, body: unknown, headers = {}): Promise<Answered> {
  return client.send(MESSAGES, { method: 'POST', body, headers });
}

/** A refusal that has the form of every error of the seed, and no member more. */
export function expectError({ status, headers, json }: Answered, expected: [number, string, unknown?]): void {
  const [code, message = expect.stringMatching(/^\w+ \w+/)] = expected.slice(1);
  expect([status, json]).toEqual([expected[0], { error: { code, message } }]);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
}
