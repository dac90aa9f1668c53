import { type PublicOperation, type Route, schemasAt } from '@magistry/contracts';
import type { ErrorResponses } from './errors.ts';
import { answerHeaders, LIMIT_HEADERS, parameter } from './headers.ts';
import { type Json, type NamedSchemas, toJsonSchema } from './json-schema.ts';

const READ_ERRORS = [400, 401, 403, 404, 409, 422, 429, 500, 503, 504];
/** Of what an agent answers. */
const AGENT_FAILED = 502;
const BODY_ERRORS = [413, 415];
const RETIRED = 410;

/** What operations refer to and the document gathers. */
export interface Components {
  readonly schemas: NamedSchemas;
  readonly errors: ErrorResponses;
}

/** One operation on one of its routes, as OpenAPI describes it. */
export function describeOperation(
  operation: PublicOperation,
  route: Route,
  version: string,
  components: Components,
): Json {
  const { name, summary = name, scope } = operation;
  const { query, body, responses } = schemasAt(operation, version);
  const requestBody = describeBody(operation, toJsonSchema(body, 'request'), components.schemas);
  return {
    operationId: operationId(operation, route),
    summary,
    description: `Needs the scope \`${scope}\`.`,
    tags: [tagOf(route)],
    security: [{ bearer: [scope] }, { apiKey: [scope] }],
    parameters: [
      ...fields('path', toJsonSchema(operation.params, 'request')),
      ...fields('query', toJsonSchema(query, 'request')),
      ...headerNames(operation, route).map(parameter),
    ],
    ...(requestBody && { requestBody }),
    responses: {
      ...describeAnswers(responses, route, operation, components.schemas),
      ...describeErrors(operation, route, components),
    },
  };
}

/** The first route has the contract's name; another prefix adds its own. */
function operationId({ name, routes }: PublicOperation, route: Route): string {
  return route === routes[0] ? name : `${name}.${route.path.split('/')[1]}`;
}

/** `/v1/decisions/{decision}` and `/api/v1/workspaces` are told apart by their resource. */
export function tagOf({ path }: Pick<Route, 'path'>): string {
  return path.replace(/^(\/api)?\/v1\//, '').split('/')[0] ?? '';
}

/** Fastify's `:decision` as OpenAPI writes it. */
export function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function isVersioned({ path }: Route): boolean {
  return path.startsWith('/v1/');
}

function headerNames({ idempotency, headers = [] }: PublicOperation, route: Route): string[] {
  return [
    ...headers,
    ...(idempotency === 'none' ? [] : [`idempotency-key-${idempotency}`]),
    ...(isVersioned(route) ? ['version'] : []),
    'workspace',
    'request-id',
  ];
}

function fields(place: 'path' | 'query', schema: Json): Json[] {
  const required = (schema['required'] ?? []) as string[];
  return Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: field,
  }));
}

function describeBody(operation: PublicOperation, schema: Json, named: NamedSchemas): Json | undefined {
  if (Object.keys((schema['properties'] ?? {}) as object).length === 0) return undefined;
  const example = operation.sample?.body;
  const media = { schema: named.refer(schema), ...(example !== undefined && { example }) };
  const isRequired = ((schema['required'] ?? []) as string[]).length > 0;
  return { required: isRequired, content: { 'application/json': media } };
}

function describeAnswers(
  responses: PublicOperation['responses'],
  route: Route,
  { idempotency, streams = [] }: PublicOperation,
  named: NamedSchemas,
): Record<string, Json> {
  const replays = idempotency === 'none' ? [] : ['Idempotent-Replayed', 'Idempotency-Original-Request-Id'];
  const versions = isVersioned(route) ? ['X-Magistry-Version', 'Deprecation', 'Sunset', 'Link'] : [];
  const headers = answerHeaders(['X-Request-ID', ...versions, ...LIMIT_HEADERS, ...replays]);
  const streamed = Object.fromEntries(streams.map((type) => [type, { schema: { type: 'string' } }]));
  const described = Object.entries(responses).map(([status, schema]) => {
    const json = { 'application/json': { schema: named.refer(toJsonSchema(schema, 'answer')) } };
    const content = status === '200' ? { ...json, ...streamed } : json;
    return [status, { description: 'Done.', headers, ...(status !== '204' && { content }) }];
  });
  if (streams.length === 0 || '200' in responses) return Object.fromEntries(described);
  return { 200: { description: 'Done.', headers, content: streamed }, ...Object.fromEntries(described) };
}

function describeErrors(
  { body }: PublicOperation,
  route: Route,
  { errors }: Components,
): Record<string, Json> {
  const takesBody = route.method !== 'GET' && body !== undefined;
  const statuses = [
    ...READ_ERRORS,
    ...(isVersioned(route) ? [RETIRED] : []),
    ...(takesBody ? BODY_ERRORS : []),
    ...(route.style === 'messages' ? [AGENT_FAILED] : []),
  ].sort();
  return Object.fromEntries(statuses.map((status) => [status, errors.refer(route.style, status)]));
}
