import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import extractConfiguration from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { fixture, repository } from './repository.ts';

const configuration = join(repository, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(configuration) as { forbidden: IForbiddenRuleType[] };
const rules = forbidden.map(({ name = '' }) => name);
const projectFolders = ['apps', 'libs'];

let sandbox: string;

beforeAll(() => {
  sandbox = realpathSync(mkdtempSync(join(tmpdir(), 'magistry-boundaries-')));
  symlinkSync(join(repository, 'node_modules'), join(sandbox, 'node_modules'));
});

afterAll(() => rmSync(sandbox, { recursive: true, force: true }));

test.each(rules)('%s fails on its known-bad tree, and no other rule does', async (rule) => {
  expect(await brokenRules(workspaceOf(rule))).toEqual([rule]);
});

test.each(forbidden)('$name is an error and says why', ({ severity, comment }) => {
  expect(severity).toBe('error');
  expect(comment).toMatch(/\w+ \w+ \w+/);
});

/** A copy of the fixture in which its own libraries are installed as ours are in the repository. */
function workspaceOf(rule: string): string {
  const workspace = join(sandbox, rule);
  cpSync(fixture(rule), workspace, { recursive: true });
  const scope = join(workspace, 'node_modules', '@magistry');
  mkdirSync(scope, { recursive: true });
  for (const name of libraryNames(workspace)) {
    const manifest = join(repository, 'libs', name, 'package.json');
    if (existsSync(manifest)) cpSync(manifest, join(workspace, 'libs', name, 'package.json'));
    symlinkSync(join(workspace, 'libs', name), join(scope, name));
  }
  return workspace;
}

function libraryNames(workspace: string): string[] {
  const folder = join(workspace, 'libs');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function brokenRules(workspace: string): Promise<string[]> {
  const options = await extractConfiguration(configuration);
  const present = projectFolders.filter((folder) => existsSync(join(workspace, folder)));
  const { output } = await cruise(present, { ...options, baseDir: workspace });
  const { violations } = (output as ICruiseResult).summary;
  return [...new Set(violations.map((violation) => violation.rule.name))];
}
