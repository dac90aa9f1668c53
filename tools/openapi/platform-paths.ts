import type { ErrorStyle } from '@magistry/contracts';
import { answerHeaders } from './headers.ts';
import type { Json } from './json-schema.ts';
import type { Components } from './operations.ts';

interface Page {
  readonly method?: 'post';
  /** Of its refusals; `problem` when left out. */
  readonly style?: ErrorStyle;
  /** How it knows its caller, where it does. */
  readonly access?: string;
  readonly requestBody?: Json;
  readonly operationId: string;
  readonly summary: string;
  readonly mediaType: string;
  readonly schema: Json;
  readonly parameters?: readonly Json[];
  readonly errors?: readonly number[];
}

const html = { mediaType: 'text/html', schema: { type: 'string' } };
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const status = (value: string) => ({
  type: 'object',
  required: ['status'],
  properties: { status: { const: value } },
});

const githubHeader = (name: string, description: string, example: string) => ({
  ...{ name, in: 'header', required: true, description, schema: { type: 'string' }, example },
});

/** What the gateway answers outside of the contracts, without credentials. */
const PAGES: Readonly<Record<string, Page>> = {
  '/health': {
    operationId: 'platform.get-health',
    summary: 'Whether this gateway lives.',
    mediaType: 'application/json',
    schema: status('ok'),
  },
  '/ready': {
    operationId: 'platform.get-ready',
    summary: 'Whether the whole platform can work; what cannot is named.',
    mediaType: 'application/json',
    schema: status('ready'),
    errors: [503],
  },
  '/openapi.json': {
    operationId: 'platform.get-openapi',
    summary: 'This document, at the newest version or at the one asked for.',
    mediaType: 'application/json',
    schema: {
      type: 'object',
      required: ['openapi', 'info', 'paths'],
      properties: { openapi: { type: 'string' }, info: { type: 'object' }, paths: { type: 'object' } },
    },
    parameters: [{ name: 'version', in: 'query', schema: { type: 'string', format: 'date' } }],
  },
  '/.well-known/webhook-keys.json': {
    operationId: 'platform.get-webhook-keys',
    summary: 'The Ed25519 keys that sign deliveries to endpoints with `signing: ed25519`.',
    mediaType: 'application/jwk-set+json',
    schema: {
      type: 'object',
      required: ['keys'],
      properties: { keys: { type: 'array', items: { type: 'object', additionalProperties: true } } },
    },
    errors: [429, 503, 504],
  },
  '/api/v1/github/webhook': {
    method: 'post',
    operationId: 'platform.receive-github-event',
    summary: "Take a delivery of GitHub's webhook; commands in comments are answered there.",
    access: "Needs no credential: X-Hub-Signature-256 proves that the body is GitHub's.",
    mediaType: 'application/json',
    schema: status('ok'),
    parameters: [
      githubHeader('X-GitHub-Event', 'What happened.', 'issue_comment'),
      githubHeader('X-GitHub-Delivery', 'Names the delivery.', '72d3162e-cc78-11e3-81ab-4c9367dc0958'),
      githubHeader('X-Hub-Signature-256', 'HMAC of the body with SHA-256.', `sha256=${'0'.repeat(64)}`),
    ],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
    },
    errors: [401, 413, 415, 429, 503, 504],
    style: 'runs',
  },
  '/api/v1/github/health': {
    operationId: 'platform.get-github-health',
    summary: 'Whether commands from GitHub can be answered, or which settings are missing.',
    mediaType: 'application/json',
    schema: {
      type: 'object',
      required: ['status', 'configured', 'missing'],
      properties: {
        status: { const: 'ok' },
        configured: { type: 'boolean' },
        missing: { type: 'array', items: { type: 'string' } },
      },
    },
    errors: [429, 503, 504],
    style: 'runs',
  },
  '/docs': { operationId: 'platform.get-docs', summary: 'This document as a page to read and try.', ...html },
  '/docs/versions': {
    operationId: 'platform.get-versions-page',
    summary: 'What changed with each version.',
    ...html,
  },
  '/docs/errors/{code}': {
    operationId: 'platform.get-error-page',
    summary: 'What an error code means and what to do about it.',
    ...html,
    parameters: [inPath('code')],
    errors: [404],
  },
  '/docs/assets/{file}': {
    operationId: 'platform.get-docs-asset',
    summary: 'What the page at /docs is made of.',
    mediaType: '*/*',
    schema: {},
    parameters: [inPath('file')],
    errors: [404],
  },
};

export function platformPaths(components: Components): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(PAGES).map(([path, { method = 'get', ...page }]) => [
      path,
      { [method]: describe(page, components) },
    ]),
  );
}

function describe(
  { mediaType, schema, errors = [], style = 'problem', access, ...page }: Page,
  components: Components,
): Json {
  const content = { [mediaType]: { schema } };
  return {
    ...page,
    description: access ?? 'Needs no credential.',
    tags: ['platform'],
    security: [],
    responses: {
      200: { description: 'Here it is.', headers: answerHeaders(['X-Request-ID']), content },
      ...Object.fromEntries([400, ...errors].map((code) => [code, components.errors.refer(style, code)])),
    },
  };
}
