import { readFileSync } from 'node:fs';
import { API_VERSIONS, CURRENT_API_VERSION, type ErrorStyle, errorStyleOf } from '@magistry/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answered } from './gateway.fixture.js';

type Json = Record<string, unknown>;
interface Described {
  readonly content?: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, { $ref?: string }> }>>;
  readonly components: { readonly responses: Record<string, Described>; readonly schemas: Json };
}

/** The envelope of each style, by its name among the schemas. */
const ENVELOPES: Readonly<Record<ErrorStyle, string>> = {
  problem: 'Problem',
  core: 'Error',
  messages: 'MessageError',
  runs: 'RunError',
};

const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
addFormats.default(ajv);

const documents = new Map<string, Document>(API_VERSIONS.map((version) => [version, open(version)]));
/** Of every version, words before parameters, as the router takes them. */
const templates = Object.keys(documents.get(CURRENT_API_VERSION)?.paths ?? {})
  .sort((one, other) => Number(one.includes('{')) - Number(other.includes('{')))
  .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }));

/**
 * Throws unless the OpenAPI document of the answer's version describes it: status, media type and, for JSON, every
 * member of the body. What no route takes must be a refusal of the documented form.
 */
export function requireDocumented(method: string, path: string, answered: Answered): void {
  if (method === 'OPTIONS') return;
  const version = String(answered.headers['x-magistry-version'] ?? CURRENT_API_VERSION);
  const document = documents.get(version);
  if (!document) throw undocumented(method, path, answered, `there is no version ${version}`);
  const [bare = ''] = path.split(/[?#]/, 1);
  const template = templates.find(({ pattern }) => pattern.test(bare))?.path ?? '';
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const operation = document.paths[template]?.[verb];
  const pointer = operation
    ? pointerOf(document, ['paths', template, verb, 'responses', String(answered.status)], answered)
    : `/components/schemas/${ENVELOPES[isProblem(answered) ? 'problem' : errorStyleOf(bare)]}`;
  const faults =
    pointer === null ? 'its status or media type is not described' : check(version, pointer, answered);
  if (faults !== '' && !(method === 'HEAD' && answered.text === '')) {
    throw undocumented(method, path, answered, faults);
  }
}

/** Where the schema of this answer stands in the document; null when nothing describes it, '' without a body. */
function pointerOf(document: Document, place: string[], { status, headers, text }: Answered): string | null {
  const [, template = '', verb = ''] = place;
  const response = document.paths[template]?.[verb]?.responses[String(status)];
  if (!response) return null;
  const at = response.$ref ? response.$ref.slice(2).split('/') : place;
  const described = response.$ref ? document.components.responses[at.at(-1) ?? ''] : (response as Described);
  const mediaType = headers['content-type']?.split(';')[0] ?? '';
  if (text === '' && !described?.content) return '';
  const known = [mediaType, '*/*'].find((name) => Object.hasOwn(described?.content ?? {}, name));
  if (known === undefined) return null;
  return /[/+]json$/.test(mediaType) ? `/${[...at, 'content', known, 'schema'].map(escaped).join('/')}` : '';
}

function check(version: string, pointer: string, { json }: Answered): string {
  if (pointer === '') return '';
  const validate = ajv.getSchema(`${version}#${pointer}`);
  if (!validate) return `there is no schema at ${pointer}`;
  return validate(json) ? '' : ajv.errorsText(validate.errors);
}

/** The frozen document, its answers closed: a member that it does not name is found. */
function open(version: string): Document {
  const file = new URL(`../../../docs/openapi/${version}.json`, import.meta.url);
  const document = JSON.parse(readFileSync(file, 'utf8'), close) as Document;
  for (const name of Object.values(ENVELOPES)) {
    delete (document.components.schemas[name] as Json | undefined)?.['additionalProperties'];
  }
  ajv.addSchema(document, version);
  return document;
}

function close(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { type, properties, additionalProperties } = value as Json;
  const isOpen = type === 'object' && properties !== undefined && additionalProperties === undefined;
  return isOpen ? { ...value, additionalProperties: false } : value;
}

function isProblem({ headers }: Answered): boolean {
  return headers['content-type']?.startsWith('application/problem+json') ?? false;
}

function escaped(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function undocumented(method: string, path: string, { status, text }: Answered, why: string): Error {
  return new Error(`${method} ${path} answered ${status}, which OpenAPI does not describe (${why}): ${text}`);
}
