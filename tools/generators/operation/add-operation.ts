import { generateFiles, type Tree } from '@nx/devkit';
import { casesOf } from '../edits/names.ts';
import { SourceEdit } from '../edits/source-edit.ts';
import { addTableRow } from '../edits/table-edit.ts';

/** An operation, ready to be written into its service. */
export interface OperationPlan {
  readonly service: string;
  /** verb-noun */
  readonly name: string;
  readonly isPublic: boolean;
  /** `export const …` of the contract, and the imports that it needs, by module. */
  readonly contract: string;
  readonly contractImports: Readonly<Record<string, readonly string[]>>;
  /** What the README says of the subject. */
  readonly summary: string;
  /** Folder of templates for the handler and its test, and what they are filled with. */
  readonly templates: string;
  readonly substitutions: Readonly<Record<string, unknown>>;
  /** Values of app.module.ts that the handler's constructor is given. */
  readonly constructorArguments?: readonly string[];
}

/** Contract, handler, test, controller method, provider and README. Throws before it writes when one exists. */
export function addOperation(tree: Tree, plan: OperationPlan): void {
  const { service, name } = plan;
  const { className, valueName } = casesOf(name);
  addContract(tree, plan, valueName);
  addMethod(tree, plan, className, valueName);
  addProvider(tree, plan, className);
  addTableRow(tree, `apps/${service}/README.md`, ['in', 'answers'], [`\`${service}.${name}\``, plan.summary]);
  generateFiles(tree, plan.templates, `apps/${service}`, {
    ...plan.substitutions,
    ...{ service, name, className, valueName, controller: controllerOf(service), template: '' },
  });
}

function controllerOf(service: string): string {
  return `${casesOf(service).className}Controller`;
}

function addContract(tree: Tree, plan: OperationPlan, valueName: string): void {
  const edit = new SourceEdit(tree, `libs/contracts/src/${plan.service}.ts`);
  if (edit.declares(valueName)) {
    throw new Error(`${plan.service}.${plan.name}: its contract exists already. Nothing was written.`);
  }
  for (const [module, names] of Object.entries(plan.contractImports)) edit.importNames(names, module);
  edit.statement(`\n${plan.contract}`).write();
}

function addMethod(tree: Tree, plan: OperationPlan, className: string, valueName: string): void {
  const { service, name, isPublic } = plan;
  const request = isPublic ? 'PublicRequest' : 'CallRequest';
  const method = `  @Handles(${service}.${valueName})
  ${valueName}(request: ${request}<typeof ${service}.${valueName}>) {
    return this.${valueName}Operation.execute(request);
  }
`;
  new SourceEdit(tree, `apps/${service}/src/${service}.controller.ts`)
    .importNames(['Handles', `type ${request}`], '@magistry/messaging')
    .importNames([className], `./operations/${name}.js`)
    .member(`private readonly ${valueName}Operation: ${className}`, method)
    .write();
}

function addProvider(tree: Tree, plan: OperationPlan, className: string): void {
  const edit = new SourceEdit(tree, `apps/${plan.service}/src/app.module.ts`);
  const made = `new ${className}(${(plan.constructorArguments ?? []).join(', ')})`;
  edit
    .importNames([className], `./operations/${plan.name}.js`)
    // A module without the short form lets Nest make its operations.
    .elementOfProperty(
      'providers',
      edit.hasFunction('provide') ? `provide(${className}, ${made})` : className,
    )
    .write();
}
