import { readFileSync } from 'node:fs';
import { API_VERSIONS, publicOperations } from '@magistry/contracts';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { type RulesetDefinition, Spectral } from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import { openApiDocument } from './document.ts';

const frozen = (version: string) =>
  readFileSync(new URL(`../../docs/openapi/${version}.json`, import.meta.url), 'utf8');

// Beside a path with a parameter there may be one with a word in its place: OpenAPI takes the word first.
const REDOCLY_RULES = { 'no-ambiguous-paths': 'off' } as const;
// It knows the scopes of OAuth alone; OpenAPI 3.1 lets every kind of credential name what it needs.
const SPECTRAL_RULES = { 'oas3-operation-security-defined': 'off' } as const;

describe.each([...API_VERSIONS])('the document of %s', (version) => {
  test('is frozen as the contracts make it', () => {
    expect(frozen(version)).toBe(`${JSON.stringify(openApiDocument(version), null, 2)}\n`);
  });

  test('is found without fault by Redocly', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: REDOCLY_RULES });
    const problems = await lintFromString({
      source: frozen(version),
      absoluteRef: `${version}.json`,
      config,
    });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  test('is found without fault by Spectral', async () => {
    const spectral = new Spectral();
    spectral.setRuleset({ extends: [oas as RulesetDefinition], rules: SPECTRAL_RULES });
    const problems = await spectral.run(JSON.parse(frozen(version)));
    expect(problems.map(({ code, message, path }) => [code, message, path.join('.')])).toEqual([]);
  });

  test('names each operation once, as its contract does, with its scope', () => {
    const { paths } = JSON.parse(frozen(version));
    for (const { name, routes, scope } of publicOperations) {
      const [{ method = '', path = '' } = {}] = routes;
      const described = paths[path.replace(/:(\w+)/g, '{$1}')][method.toLowerCase()];
      expect(described).toMatchObject({
        operationId: name,
        security: [{ bearer: [scope] }, { apiKey: [scope] }],
      });
    }
  });
});

test('each version describes a decision in its own shape', () => {
  const documents = API_VERSIONS.map((version) => JSON.parse(frozen(version)).components.schemas.Decision);
  const [older, newer] = documents.map(({ properties }) => properties);
  expect(older.applied_by).toEqual({ type: ['string', 'null'] });
  expect(newer.applied_by.anyOf[0].properties).toMatchObject({ agent: {}, executor: {} });
});

test.each(publicOperations.filter(({ sample }) => sample !== undefined))(
  'the sample of $name fits its contract',
  ({ sample, body, query, params }) => {
    if (sample?.body !== undefined) body.parse(sample.body);
    if (sample?.query !== undefined) query.parse(Object.fromEntries(new URLSearchParams(sample.query)));
    const texts = Object.entries(sample?.params ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : 'found-in-a-list',
    ]);
    if (texts.length > 0) params.parse(Object.fromEntries(texts));
  },
);
