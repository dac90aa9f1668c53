import { randomUUID } from 'node:crypto';
import { type PublicOperation, publicOperations, type Route } from '@magistry/contracts';
import { z } from 'zod';
import { eventually } from './eventually.fixture.js';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';

/** What happens by itself, such as a failed delivery, is there a moment later. */
const SHOWN_MS_MAX = 10_000;
/** Nobody answers there; what fails is tried again in an hour. */
const DEAD_ENDPOINT = { url: 'http://127.0.0.1:1/', events: ['post.created'], retry_schedule: [3_600] };

export interface OperationRoute {
  readonly operation: PublicOperation;
  readonly route: Route;
}

/** Every public operation on each of its routes. */
export const operationRoutes: readonly OperationRoute[] = publicOperations.flatMap((operation) =>
  operation.routes.map((route) => ({ operation, route })),
);

export function hasParams({ path }: Route): boolean {
  return path.includes(':');
}

/** Whether its sample names something that must be there before. */
export function namesWhatIsThere({ sample }: PublicOperation): boolean {
  return Object.values(sample?.params ?? {}).some((param) => typeof param !== 'string');
}

/** Whether other workspaces may name it as well as the one that has it. */
export function namesWhatIsPublic({ sample }: PublicOperation): boolean {
  return Object.values(sample?.params ?? {}).some((param) => typeof param !== 'string' && param.isPublic);
}

/** Makes one of everything that can be made without naming something else first. */
export async function makeOneOfEach(owner: GatewayClient): Promise<void> {
  const endpoint = await owner.write('POST', '/v1/webhooks', DEAD_ENDPOINT);
  for (const { operation, route } of operationRoutes) {
    if (operation.sample?.body === undefined || namesWhatIsThere(operation)) continue;
    const makes = route.method === 'POST' || (route.method === 'PUT' && hasParams(route));
    if (makes) await ask(owner, { operation, route }, await pathOf(owner, { operation, route }));
  }
  // A limit is set, and has its id from that.
  await owner.write('PUT', '/api/v1/cost-limits', { period: 'month', micros: 250_000_000 });
  // Escalations, failed deliveries and jobs are outcomes: nobody asks for one.
  await owner.propose({ ...aSmallStep(randomUUID()), delta_eur: -60 });
  await owner.write('POST', `/v1/webhooks/${endpoint.json.id}/replay`, { types: ['nothing.such'] });
}

/** The operation's sample request, as whoever `client` is, on a concrete path. */
export function ask(
  client: GatewayClient,
  { operation, route }: OperationRoute,
  path: string,
  headers = {},
  query = operation.sample?.query,
): Promise<Answered> {
  if (route.method === 'GET') return client.get(query === undefined ? path : `${path}?${query}`, headers);
  return client.write(route.method, path, bodyOf(operation), headers);
}

/** The route's path with ids of things that `owner` really has, found in its lists. */
export async function pathOf(owner: GatewayClient, { operation, route }: OperationRoute): Promise<string> {
  let { path } = route;
  for (const [, name = ''] of route.path.matchAll(/:(\w+)/g)) {
    path = path.replace(`:${name}`, encodeURIComponent(await paramOf(owner, operation, name)));
  }
  return path;
}

async function paramOf(owner: GatewayClient, { sample, name }: PublicOperation, param: string) {
  const wanted = sample?.params?.[param];
  if (wanted === undefined)
    throw new Error(`say in the sample of ${name} where an example of ${param} is found`);
  if (typeof wanted === 'string') return wanted;
  const list = operationRoutes.find(({ operation }) => operation.name === wanted.of);
  if (!list) throw new Error(`the sample of ${name} names ${wanted.of}, which is no operation`);
  const path = await pathOf(owner, list);
  return eventually(SHOWN_MS_MAX, async () => {
    const { json } = await ask(owner, list, path, {}, wanted.query);
    const value = json.data?.[0]?.[wanted.member] ?? json[wanted.member];
    if (value === undefined)
      throw new Error(`${wanted.of} shows no ${wanted.member} for the sample of ${name}`);
    return String(value);
  });
}

function bodyOf({ sample, body }: PublicOperation): unknown {
  return sample?.body ?? plainest(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }));
}

/** The plainest value that a JSON Schema takes, where it needs no more than types, choices and bounds. */
function plainest(schema: z.core.JSONSchema.BaseSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [
          name,
          plainest((schema.properties?.[name] ?? {}) as z.core.JSONSchema.BaseSchema),
        ]),
      );
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    default:
      return 'sample';
  }
}
