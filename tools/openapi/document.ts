import { operationOn, publicOperations, VERSION_CHANGES } from '@magistry/contracts';
import { ErrorResponses } from './errors.ts';
import { HEADERS, PARAMETERS } from './headers.ts';
import { type Json, NamedSchemas } from './json-schema.ts';
import { type Components, describeOperation, tagOf, templateOf } from './operations.ts';
import { platformPaths } from './platform-paths.ts';

const ABOUT = `A decision spine: partners and agents propose actions, gates and a judge answer with reasons, and
an append-only, hash-chained ledger remembers each decision. Dates in X-Magistry-Version choose the shape of
\`/v1\`; what differs between them is told at [/docs/versions](/docs/versions). Every error code has a page
below \`/docs/errors\`.`;

const SECURITY = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A key of a workspace (sk_live_…) or of a partner (mag_live_partner_…).',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The same keys in a header of their own.',
  },
};

/** The OpenAPI 3.1 document of one version, made from the contracts. The same contracts give the same bytes. */
export function openApiDocument(version: string): Json {
  const components: Components = { schemas: new NamedSchemas(), errors: new ErrorResponses() };
  const paths = { ...contractPaths(version, components), ...platformPaths(components) };
  const parameters = Object.entries(PARAMETERS).filter(([name]) =>
    JSON.stringify(paths).includes(`parameters/${name}"`),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Magistry',
      version,
      description: [ABOUT, ...changesOf(version)].join('\n\n'),
      contact: { name: 'Magistry', url: 'https://api.magistry.io/docs' },
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: '/', description: 'Where this document came from.' }],
    tags: tagsOf(paths),
    paths: sorted(paths),
    components: {
      securitySchemes: SECURITY,
      parameters: Object.fromEntries(parameters),
      headers: HEADERS,
      schemas: sorted({ ...components.schemas.components, ...components.errors.schemas }),
      responses: sorted(components.errors.responses),
    },
  };
}

function contractPaths(version: string, components: Components): Record<string, Json> {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of publicOperations) {
    for (const route of operation.routes) {
      const path = templateOf(route.path);
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = describeOperation(
        operationOn(operation, route),
        route,
        version,
        components,
      );
    }
  }
  return paths;
}

function changesOf(version: string): string[] {
  return VERSION_CHANGES.filter((change) => change.version === version).map(
    ({ description }) => `**New in ${version}.** ${description}`,
  );
}

function tagsOf(paths: Readonly<Record<string, Json>>): Json[] {
  const names = new Set(
    Object.entries(paths).map(([path]) => (/^(\/api)?\/v1\//.test(path) ? tagOf({ path }) : 'platform')),
  );
  return [...names].sort().map((name) => ({ name, description: `Everything below \`${name}\`.` }));
}

function sorted(members: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(members).sort(([one], [other]) => (one < other ? -1 : 1)));
}
