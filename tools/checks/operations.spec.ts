import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '@magistry/contracts';
import * as contracts from '@magistry/contracts';
import { platformScopes } from './platform-scopes.ts';
import { repository } from './repository.ts';

/** Served by every process that holds a shard's lock instead of by one file of operations/. */
const SERVED_ELSEWHERE: Readonly<Record<string, string>> = {
  'decisions.append': 'apps/decisions/src/writer/shard-owner.ts',
  'decisions.get-writer-state': 'apps/decisions/src/writer/shard-owner.ts',
};

const operations = [...new Set(Object.values(contracts).flatMap(valuesOf))].filter(isOperation);
const publicOperations = operations.filter((operation) => operation.kind === 'public');

test('the contracts declare operations, and the gateway routes every public one', () => {
  expect(operations.length).toBeGreaterThan(publicOperations.length);
  expect(new Set(contracts.publicOperations)).toEqual(new Set(publicOperations));
});

test('no two operations share a name', () => {
  expect(repeated(operations.map(({ name }) => name))).toEqual([]);
});

test.each(operations)('$name has a file of its name in its service', ({ name }) => {
  expect(name).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
  const path = SERVED_ELSEWHERE[name] ?? `apps/${name.replace('.', '/src/operations/')}.ts`;
  expect({ path, exists: existsSync(join(repository, path)) }).toEqual({ path, exists: true });
});

test.each(publicOperations)('$name has a scope of the platform and a route', ({ scope, routes }) => {
  expect(platformScopes).toContain(scope);
  expect(routes.length).toBeGreaterThan(0);
});

test('no two operations answer the same method and path', () => {
  const routes = publicOperations.flatMap((operation) => operation.routes);
  expect(repeated(routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':id')}`))).toEqual(
    [],
  );
});

function valuesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function isOperation(value: unknown): value is Operation {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'public' || value.kind === 'service-call';
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
