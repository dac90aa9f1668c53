import { readJson, type Tree, writeJson } from '@nx/devkit';
import ts from 'typescript';
import { SourceEdit } from '../edits/source-edit.ts';
import { addTableRow } from '../edits/table-edit.ts';
import type { ServicePlan } from './service.ts';

/** Writes the service into every place that lists the services. */
export function addToHouse(tree: Tree, plan: ServicePlan): void {
  addContracts(tree, plan);
  addProcess(tree, plan);
  addToMap(tree, plan);
  addToLockfile(tree, plan.service);
}

function addContracts(tree: Tree, { service }: ServicePlan): void {
  tree.write(`libs/contracts/src/${service}.ts`, '');
  new SourceEdit(tree, 'libs/contracts/src/index.ts')
    .statementAfterLast(ts.isImportDeclaration, `import * as ${service} from './${service}.js';\n`)
    .statementAfterLast(ts.isExportDeclaration, `export * as ${service} from './${service}.js';\n`)
    .elementOfVariable('publicOperations', service)
    .write();
  new SourceEdit(tree, 'libs/contracts/src/platform.ts')
    .elementOfVariable('SERVICES', `'${service}'`)
    .write();
}

/** The gateway stays last: it is started once everything that it asks is there. */
function addProcess(tree: Tree, { service, keepsRows }: ServicePlan): void {
  const row = `{
    name: '${service}',
    hasSchema: ${keepsRows},
    answers: ['${service}.*'],
    calls: [],
    environment: () => ({}),
  }`;
  new SourceEdit(tree, 'infra/local/services.ts')
    .elementOfVariable('services', row, (element) => element.getText().includes("name: 'gateway'"))
    .write();
}

function addToMap(tree: Tree, { service, noun, keepsRows }: ServicePlan): void {
  addTableRow(
    tree,
    'docs/architecture.md',
    ['service', 'owns'],
    [
      `\`apps/${service}\``,
      `the ${noun}s of a workspace`,
      keepsRows ? `\`${service}\`` : 'none',
      `\`${service}.<verb-noun>\``,
    ],
  );
}

/** As npm would write it: a workspace without dependencies of its own. */
function addToLockfile(tree: Tree, service: string): void {
  const path = 'package-lock.json';
  const lockfile = readJson<{ packages: Record<string, unknown> }>(tree, path);
  const name = `@magistry/${service}`;
  const packages = {
    ...lockfile.packages,
    [`apps/${service}`]: { name, version: '0.1.0' },
    [`node_modules/${name}`]: { resolved: `apps/${service}`, link: true },
  };
  const sorted = Object.entries(packages).sort(([one], [other]) => one.localeCompare(other, 'en'));
  writeJson(tree, path, { ...lockfile, packages: Object.fromEntries(sorted) });
}
