import { join } from 'node:path';
import { type GeneratorCallback, generateFiles, type Tree } from '@nx/devkit';
import { finish } from '../edits/finish.ts';
import { casesOf, checkPath, checkScope, checkWord, Faults } from '../edits/names.ts';
import { addOperation } from '../operation/add-operation.ts';
import { isRouteTaken, publicContract } from '../operation/public-contract.ts';
import { addToHouse } from './add-to-house.ts';
import { getContract, setContract } from './kept-contracts.ts';

/** The options of `service/schema.json`. */
export interface ServiceOptions {
  readonly name: string;
  readonly noun: string;
  readonly scopes: string;
  readonly schema?: boolean;
}

/** What the templates are filled with. */
export interface ServicePlan {
  readonly service: string;
  readonly noun: string;
  readonly scopes: string;
  /** The route of one thing that the service is about. */
  readonly path: string;
  readonly keepsRows: boolean;
}

export default async function service(tree: Tree, options: ServiceOptions): Promise<GeneratorCallback> {
  const { name, noun, scopes, schema: keepsRows = false } = options;
  const plan = { service: name, noun, scopes, keepsRows, path: `/v1/${name}/:${noun}` };
  check(tree, plan);
  addShape(tree, plan);
  addToHouse(tree, plan);
  if (keepsRows) {
    addOperation(tree, getContract(plan));
    addOperation(tree, setContract(plan));
  } else {
    const route = { method: 'GET', path: plan.path, scope: `${scopes}:read` } as const;
    addOperation(tree, publicContract(name, `get-${noun}`, route));
  }
  return finish(tree, stepsAfter(plan));
}

function check(tree: Tree, { service, noun, scopes, path, keepsRows }: ServicePlan): void {
  const faults = new Faults();
  checkWord(faults, 'name', service);
  checkWord(faults, 'noun', noun);
  checkPath(faults, path);
  faults.require(service !== noun, `--noun ${noun}: must differ from the service, which is its plural.`);
  for (const action of keepsRows ? ['read', 'write'] : ['read']) {
    checkScope(faults, 'scopes', `${scopes}:${action}`);
  }
  const folder = `apps/${service}`;
  faults.require(!tree.exists(folder), `--name ${service}: exists already, in ${folder}.`);
  const contracts = `libs/contracts/src/${service}.ts`;
  faults.require(!tree.exists(contracts), `--name ${service}: is taken by ${contracts}.`);
  faults.require(!isRouteTaken(tree, 'GET', path), `GET ${path}: another operation answers it already.`);
  faults.throwAny();
}

function addShape(tree: Tree, plan: ServicePlan): void {
  const { service, noun, keepsRows } = plan;
  const Service = casesOf(service).className;
  const substitutions = {
    ...plan,
    Service,
    Noun: casesOf(noun).className,
    controller: `${Service}Controller`,
    migration: `${timestamp(new Date())}_${service}`,
    template: '',
  };
  generateFiles(tree, join(import.meta.dirname, 'files/shape'), `apps/${service}`, substitutions);
  if (!keepsRows) return;
  generateFiles(tree, join(import.meta.dirname, 'files/schema'), `apps/${service}`, substitutions);
}

/** Migrations run in the order of this prefix: YYYYMMDDHHMMSS, UTC. */
function timestamp(now: Date): string {
  return now.toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

function stepsAfter({ service, keepsRows }: ServicePlan): string[] {
  return [
    `docs/architecture.md and apps/${service}/README.md: what it owns, in your words.`,
    `libs/contracts/src/${service}.ts: the fields of requests and answers; then its operations and tests.`,
    ...(keepsRows
      ? [`apps/${service}/prisma/migrations: the table that you want, before anybody has run it.`]
      : []),
    `infra/local/services.ts: settings of its own, and what it calls of others; then npm run generate.`,
    'More operations: npm run new:operation. Then npm test.',
  ];
}
