import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { ProblemError } from '@magistry/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { nothingHere } from '../known-paths.js';
import { REQUEST_ID_HEADER } from '../pipeline/request-id.js';
import { REFERENCE_PAGE, referenceScript } from './page.js';
import type { ReferenceFiles } from './reference-files.js';

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
/** Nothing is loaded from elsewhere. Swagger UI sets styles and draws icons from data: URLs. */
const CONTENT_POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'"],
  ...["img-src 'self' data:", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"],
].join('; ');
const ASSET_TYPES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
  'swagger-ui-standalone-preset.js': SCRIPT,
};
const { resolve } = createRequire(import.meta.url);

/** The reference pages, outside of the pipeline: they need no credential and ask no service. */
export function addReferenceRoutes(http: FastifyInstance, files: ReferenceFiles): void {
  const versions = [...files.documents.keys()];
  http.get('/openapi.json', (request, reply) => {
    const version = new URLSearchParams((request.query as { text: string }).text).get('version');
    const document = files.documents.get(version ?? versions.at(-1) ?? '');
    if (!document) throw unknownVersion(versions);
    answer(request, reply, 'application/json; charset=utf-8').send(document);
  });
  http.get('/docs', (request, reply) => {
    answer(request, reply, HTML).send(REFERENCE_PAGE);
  });
  http.get('/docs/versions', (request, reply) => {
    answer(request, reply, HTML).send(files.versionsPage);
  });
  http.get<{ Params: { code: string } }>('/docs/errors/:code', (request, reply) => {
    const found = files.errorPages.get(request.params.code);
    if (found === undefined) throw nothingHere();
    answer(request, reply, HTML).send(found);
  });
  const script = referenceScript(versions);
  http.get<{ Params: { file: string } }>('/docs/assets/:file', (request, reply) => {
    const { file } = request.params;
    if (file === 'reference.js') return answer(request, reply, SCRIPT).send(script);
    const type = Object.hasOwn(ASSET_TYPES, file) ? ASSET_TYPES[file] : undefined;
    if (type === undefined) throw nothingHere();
    answer(request, reply, type).header('cache-control', 'public, max-age=3600');
    return reply.send(createReadStream(resolve(`swagger-ui-dist/${file}`)));
  });
}

function answer(request: FastifyRequest, reply: FastifyReply, type: string): FastifyReply {
  return reply.headers({
    [REQUEST_ID_HEADER]: request.id,
    'content-type': type,
    'content-security-policy': CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
  });
}

function unknownVersion(supported: readonly string[]): ProblemError {
  return new ProblemError(
    'unknown_api_version',
    `There is no document of that version. There are those of ${supported.join(' and ')}.`,
    { extras: { supported } },
  );
}
