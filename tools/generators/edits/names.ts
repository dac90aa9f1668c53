import { names, type Tree } from '@nx/devkit';
import { platformScopes } from '../../checks/platform-scopes.ts';
import { isForbiddenName } from '../../checks/tidy/forbidden-names.ts';

const WORD = /^[a-z]+$/;
const VERB_NOUN = /^[a-z]+(-[a-z]+)+$/;
const PATH = /^\/v1(\/([a-z0-9-]+|:[a-z]+))+$/;
const LENGTH_MAX = 40;

/** Words that TypeScript or SQL keep for themselves and that a service or its noun must not take. */
const RESERVED = new Set([
  ...[
    'all',
    'and',
    'any',
    'as',
    'asc',
    'case',
    'cast',
    'check',
    'class',
    'column',
    'const',
    'default',
    'delete',
  ],
  ...[
    'desc',
    'do',
    'else',
    'end',
    'enum',
    'export',
    'false',
    'for',
    'from',
    'function',
    'grant',
    'group',
    'if',
  ],
  ...[
    'import',
    'in',
    'into',
    'let',
    'limit',
    'new',
    'not',
    'null',
    'of',
    'offset',
    'on',
    'or',
    'order',
    'package',
  ],
  ...[
    'primary',
    'public',
    'remark',
    'return',
    'select',
    'switch',
    'table',
    'then',
    'this',
    'to',
    'true',
    'try',
  ],
  ...['type', 'typeof', 'union', 'unique', 'user', 'using', 'var', 'void', 'when', 'where', 'while', 'with'],
  ...['workspace', 'events', 'health', 'platform', 'operation', 'fields', 'versions', 'index'],
]);

/** Collects what is wrong with a generator's options, to say it all at once before anything is written. */
export class Faults {
  private readonly found: string[] = [];

  require(holds: boolean, fault: string): void {
    if (!holds) this.found.push(fault);
  }

  throwAny(): void {
    if (this.found.length === 0) return;
    throw new Error(`${this.found.join('\n')}\nNothing was written.`);
  }
}

export function checkWord(faults: Faults, option: string, value: string): void {
  const good = WORD.test(value) && value.length <= LENGTH_MAX;
  faults.require(good, `--${option} ${value}: must be one word of at most ${LENGTH_MAX} letters a to z.`);
  faults.require(
    !RESERVED.has(value),
    `--${option} ${value}: is a word with a meaning of its own; take another.`,
  );
  faults.require(!isForbiddenName(value), `--${option} ${value}: names a drawer, not a thing.`);
}

export function checkOperationName(faults: Faults, value: string): void {
  const good = VERB_NOUN.test(value) && value.length <= LENGTH_MAX;
  faults.require(good, `--name ${value}: must be verb-noun in kebab-case, letters a to z, such as get-hint.`);
  faults.require(!value.split('-').some(isForbiddenName), `--name ${value}: names a drawer, not a thing.`);
}

export function checkPath(faults: Faults, path: string): void {
  const good = PATH.test(path);
  faults.require(good, `--path ${path}: must be like /v1/planner/hints/:hint, in lower case.`);
  const fields = pathFields(path);
  faults.require(new Set(fields).size === fields.length, `--path ${path}: names a field twice.`);
  const taken = fields.filter((field) => RESERVED.has(field));
  faults.require(taken.length === 0, `--path ${path}: :${taken.join(', :')} has a meaning of its own.`);
}

export function checkScope(faults: Faults, option: string, scope: string): void {
  const known = platformScopes.has(scope);
  faults.require(
    known,
    `--${option} ${scope}: is no scope of the platform (tools/checks/platform-scopes.ts).`,
  );
}

/** The fields that a route's path names: `hint` of /v1/planner/hints/:hint. */
export function pathFields(path: string): string[] {
  return Array.from(path.matchAll(/:([a-z]+)/g), ([, field = '']) => field);
}

/** Every `<service>` that has an operation's places: contract, controller, module. */
export function isService(tree: Tree, service: string): boolean {
  return tree.exists(`apps/${service}/src/${service}.controller.ts`);
}

/** `get-hint` as a class (GetHint) and as a value (getHint). */
export function casesOf(name: string): { className: string; valueName: string } {
  const { className, propertyName } = names(name);
  return { className, valueName: propertyName };
}
