import type { GeneratorCallback, Tree } from '@nx/devkit';
import { finish } from '../edits/finish.ts';
import { checkOperationName, checkPath, checkScope, Faults, isService } from '../edits/names.ts';
import { addOperation } from './add-operation.ts';
import { callContract } from './call-contract.ts';
import { type HttpMethod, isRouteTaken, publicContract } from './public-contract.ts';

/** The options of `operation/schema.json`. */
export interface OperationOptions {
  readonly service: string;
  readonly name: string;
  readonly call?: boolean;
  readonly method?: HttpMethod;
  readonly path?: string;
  readonly scope?: string;
}

export default async function operation(tree: Tree, options: OperationOptions): Promise<GeneratorCallback> {
  check(tree, options);
  const { service, name, call = false } = options;
  if (call) addOperation(tree, callContract(tree, service, name));
  else addOperation(tree, publicContract(service, name, options as Required<OperationOptions>));
  return finish(tree, stepsAfter(options));
}

function check(tree: Tree, { service, name, call = false, method, path, scope }: OperationOptions): void {
  const faults = new Faults();
  faults.require(
    isService(tree, service),
    `--service ${service}: there is no apps/${service} with a controller.`,
  );
  checkOperationName(faults, name);
  if (call) {
    const route = [method, path, scope].some((value) => value !== undefined);
    faults.require(
      !route,
      '--call: takes no --method, --path or --scope, which only a public operation has.',
    );
  } else {
    faults.require(method !== undefined, '--method: is missing, such as GET.');
    faults.require(path !== undefined, '--path: is missing, such as /v1/planner/hints/:hint.');
    faults.require(scope !== undefined, '--scope: is missing, such as planner:read.');
    if (path !== undefined) checkPath(faults, path);
    if (scope !== undefined) checkScope(faults, 'scope', scope);
    const isTaken = method !== undefined && path !== undefined && isRouteTaken(tree, method, path);
    faults.require(!isTaken, `${method} ${path}: another operation answers it already.`);
  }
  const file = `apps/${service}/src/operations/${name}.ts`;
  faults.require(!tree.exists(file), `${service}.${name}: exists already, in ${file}.`);
  faults.throwAny();
}

function stepsAfter({ service, name, call = false, method }: OperationOptions): string[] {
  const contract = call
    ? `proto/magistry/${service}/v1/${service}.proto: the fields of the call's two messages`
    : `libs/contracts/src/${service}.ts: the fields of the request and of each answer`;
  const writes = !call && method !== 'GET';
  return [
    `${contract}.`,
    ...(writes ? ['If it changes anything: "idempotency" of its contract, and what keeps the key.'] : []),
    `apps/${service}/src/operations/${name}.ts: what it does; rules go to domain/, queries to storage/.`,
    `apps/${service}/src/app.module.ts: what its constructor is given.`,
    `apps/${service}/test/${name}.integration.spec.ts: a case for each answer. Then npm test.`,
  ];
}
