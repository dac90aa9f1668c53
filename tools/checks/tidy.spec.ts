import { fixture, repository } from './repository.ts';
import { tidyRules } from './tidy/rules.ts';
import { readTree } from './tidy/source-files.ts';

const rules = Object.keys(tidyRules);
const house = readTree(repository);
const source = 'apps/notes/src';

/** What each rule finds in its known-bad tree, `fixtures/tidy-<rule>`. */
const FINDINGS: Readonly<Record<string, readonly string[]>> = {
  'any-types': [`${source}/main.ts:3: any, without a suppression that says why`],
  barrels: [`${source}/domain/index.ts: index.ts is the door of a library alone`],
  'dead-files': [
    'apps/notes/test/forgotten.fixture.ts: nobody imports it or starts it',
    'tools/bench/more-rounds.ts: nobody imports it or starts it',
  ],
  drawers: [
    `${source}/shared/notes.ts: its name fits any code`,
    `${source}/text-helpers.ts: its name fits any code`,
    `${source}/utils/dates.ts: its name fits any code`,
  ],
  'file-lengths': [
    `${source}/main.ts: 301 lines, at most 300`,
    'nine files in ten have up to 301 lines, at most 200',
  ],
  'folder-depths': [`${source}/domain/rules/deep/rule.ts: more than 2 folders below src`],
  'folder-sizes': [`${source}/domain: 16 files, at most 15`],
  'function-lengths': [`${source}/main.ts:75: 71 lines, at most 70`],
  'line-widths': [`${source}/main.ts:2: 126 columns, at most 120`],
  'machine-traces': [
    `${source}/main.ts: names a path of one machine`,
    'docs/install.md: names the host that packages came from',
  ],
  promises: [`${source}/main.ts:1: what is left to do has its issue's number, as in (#12)`],
  'shortened-names': [`${source}/main.ts:1: cfg is shortened`, `${source}/main.ts:2: idx is shortened`],
  suppressions: [
    `${source}/main.ts:3: a suppression says why, behind a colon`,
    `${source}/main.ts:5: a suppression says why, behind a colon`,
  ],
  'unused-exports': [
    `${source}/rules.ts: unused is exported and used nowhere else`,
    `${source}/rules.ts: first is exported and used nowhere else`,
  ],
};

test('the whole house is read', () => {
  expect(house.sources.length).toBeGreaterThan(300);
});

test('every rule has a known-bad tree', () => {
  expect(Object.keys(FINDINGS).sort()).toEqual([...rules].sort());
});

test.each(rules)('the house keeps %s', (rule) => {
  expect(tidyRules[rule]?.(house)).toEqual([]);
});

test.each(rules)('%s refuses its known-bad tree, and no other rule does', (rule) => {
  const bad = readTree(fixture(`tidy-${rule}`));
  const found = Object.entries(tidyRules).map(([name, find]) => [name, find(bad)] as const);
  expect(Object.fromEntries(found.filter(([, findings]) => findings.length > 0))).toEqual({
    [rule]: FINDINGS[rule],
  });
});
