import { readFileSync } from 'node:fs';
import { API_VERSIONS } from '@magistry/contracts';
import { ERROR_STATUS } from '@magistry/errors';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
import { bearer, KEYS, startTestGateway } from './platform.fixture.js';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const frozen = (version: string) =>
  readFileSync(new URL(`../../../docs/openapi/${version}.json`, import.meta.url), 'utf8');

test.each([...API_VERSIONS])('the document of %s is served as it is frozen, to anybody', async (version) => {
  const answered = await send(gateway.url, `/openapi.json?version=${version}`);
  expect([answered.status, answered.headers['content-type']]).toEqual([
    200,
    'application/json; charset=utf-8',
  ]);
  expect(answered.text).toBe(frozen(version));
});

test('without a version it is the newest, and an unknown one is refused naming the others', async () => {
  expect((await send(gateway.url, '/openapi.json')).json.info.version).toBe(API_VERSIONS.at(-1));
  for (const version of ['2030-01-01', '', '__proto__', '../errors/x']) {
    const refused = await send(gateway.url, `/openapi.json?version=${version}`);
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({ code: 'unknown_api_version', supported: [...API_VERSIONS] });
  }
});

test.each([...API_VERSIONS])('every live route is in the document of %s, and nothing else', (version) => {
  const { paths } = JSON.parse(frozen(version)) as { paths: Record<string, Record<string, unknown>> };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(documented.sort()).toEqual([...gateway.routes].sort());
});

test.each(Object.keys(ERROR_STATUS))('the type of a problem %s leads to its page', async (code) => {
  const answered = await send(gateway.url, `/docs/errors/${code}`);
  expect([answered.status, answered.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(answered.text).toContain(`<h1>${code}</h1>`);
  expect(answered.text).not.toContain('<script');
});

test.each([
  '/docs/errors/no_such_code',
  '/docs/errors/..%2f..%2fpackage',
  '/docs/errors/__proto__',
  '/docs/assets/package.json',
  '/docs/assets/..%2findex.js',
  '/docs/assets/__proto__',
])('404 for %s', async (path) => {
  const refused = await send(gateway.url, path);
  expect([refused.status, refused.json?.code]).toEqual([404, 'not_found']);
});

test('the reference page and all it needs come from here', async () => {
  const { text, headers } = await send(gateway.url, '/docs');
  const needed = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(needed).toHaveLength(4);
  for (const path of needed) {
    const asset = await send(gateway.url, path);
    expect([path, asset.status, asset.text.length > 100]).toEqual([path, 200, true]);
  }
  expect(text).not.toMatch(/https?:/);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test('the page of the versions tells what each one changed', async () => {
  const { text } = await send(gateway.url, '/docs/versions');
  for (const version of API_VERSIONS) expect(text).toContain(`id="${version}"`);
  expect(text).toContain('discount_executor');
  expect(text).toContain('id="sunset"');
});

test('a refusal points at a page that is there', async () => {
  const refused = await send(gateway.url, '/v1/nothing', { headers: bearer(KEYS.full) });
  const { pathname } = new URL(refused.json.type);
  expect((await send(gateway.url, pathname)).status).toBe(200);
});
