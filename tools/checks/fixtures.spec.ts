import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IForbiddenRuleType } from 'dependency-cruiser';
import { fixture, repository } from './repository.ts';
import { tidyRules } from './tidy/rules.ts';

const cruiser = createRequire(import.meta.url)(join(repository, '.dependency-cruiser.cjs'));
const boundaries = (cruiser.forbidden as IForbiddenRuleType[]).map(({ name = '' }) => name);

/** Checks that are one rule each, with a spec of their own. */
const ALONE = ['doc-references', 'metric-references', 'process-env', 'seed-coverage'];

test('every rule of boundaries and tidiness has a known-bad tree, and no tree is left of a rule that is gone', () => {
  const wanted = [...ALONE, ...boundaries, ...Object.keys(tidyRules).map((rule) => `tidy-${rule}`)];
  expect(readdirSync(fixture('.')).sort()).toEqual(wanted.sort());
});
