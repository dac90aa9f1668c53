import type { FieldError } from '@magistry/errors';

type Json = Readonly<Record<string, unknown>>;

/** Comparing every item with every other takes time by the square of their number. */
const UNIQUE_ITEMS_MAX = 1_000;
/** How many members and items a schema may have, each `$ref` counted as what it refers to. */
const WEIGHT_MAX = 10_000;
const UNSUPPORTED: Readonly<Record<string, string>> = {
  patternProperties: 'is not supported; name the properties',
  // Its answer would be a promise, which is taken for a yes.
  $async: 'is not supported; leave it out',
  $dynamicRef: 'is not supported; use $ref',
  $recursiveRef: 'is not supported; use $ref',
};

/** Found a part that may not stand in a schema of somebody else's. */
class CostlyPart extends Error {
  constructor(readonly fault: FieldError) {
    super(fault.message);
  }
}

/**
 * How much work a JSON Schema makes for one value, or why it is refused: whoever sends a schema chooses the values,
 * too, and could hold a process up with patterns, with references that lead back or fan out, or with sheer size.
 */
export function schemaWeight(schema: Json): { weight: number } | { fault: FieldError } {
  try {
    return { weight: new Scales(schema).weigh(schema, []) };
  } catch (error) {
    if (error instanceof CostlyPart) return { fault: error.fault };
    throw error;
  }
}

class Scales {
  /** By what a `$ref` says; undefined while it is being weighed. */
  private readonly targets = new Map<string, number | undefined>();

  constructor(private readonly root: Json) {}

  weigh(part: unknown, path: readonly string[]): number {
    if (typeof part !== 'object' || part === null) return 1;
    let weight = 1 + uniqueItemsWeight(part as Json, path);
    for (const [name, value] of Object.entries(part)) {
      const at = [...path, name];
      const isText = typeof value === 'string';
      if (name === 'pattern' && isText)
        throw refused(at, 'not_supported', 'is not supported; use format, enum or const');
      const why = Object.hasOwn(UNSUPPORTED, name) ? UNSUPPORTED[name] : undefined;
      if (why !== undefined && (isText || value === true || name === 'patternProperties'))
        throw refused(at, 'not_supported', why);
      if (name === '$id' && isText && path.length > 0)
        throw refused(at, 'not_supported', 'may stand at the top alone');
      weight += name === '$ref' && isText ? this.target(value, at) : this.weigh(value, at);
      if (weight > WEIGHT_MAX)
        throw refused(at, 'costly', `makes the schema heavier than ${WEIGHT_MAX} members`);
    }
    return weight;
  }

  private target(reference: string, at: readonly string[]): number {
    if (!/^#(\/|$)/.test(reference)) throw refused(at, 'not_supported', 'must be "#" or begin with "#/"');
    if (this.targets.has(reference)) {
      const known = this.targets.get(reference);
      if (known === undefined) throw refused(at, 'costly', 'leads back to itself');
      return known;
    }
    this.targets.set(reference, undefined);
    const weight = this.weigh(this.find(reference), reference.split('/'));
    this.targets.set(reference, weight);
    return weight;
  }

  /** Undefined where nothing is there: compiling names that. */
  private find(reference: string): unknown {
    return reference
      .split('/')
      .slice(1)
      .reduce<unknown>((value, step) => memberOf(value, unescaped(step)), this.root);
  }
}

function memberOf(value: unknown, name: string): unknown {
  const isHeld = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isHeld ? (value as Json)[name] : undefined;
}

/** A step of a JSON pointer in a URI fragment (RFC 6901, section 6). */
function unescaped(step: string): string {
  const decoded = /^(?:[^%]|%[0-7][0-9a-f])*$/i.test(step) ? decodeURIComponent(step) : step;
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}

function uniqueItemsWeight({ uniqueItems, maxItems }: Json, path: readonly string[]): number {
  if (uniqueItems !== true) return 0;
  if (typeof maxItems === 'number' && maxItems <= UNIQUE_ITEMS_MAX) return maxItems;
  throw refused(
    [...path, 'uniqueItems'],
    'costly',
    `needs a maxItems of at most ${UNIQUE_ITEMS_MAX} beside it`,
  );
}

function refused(path: readonly string[], code: string, message: string): CostlyPart {
  return new CostlyPart({ path: path.filter((step) => step !== '#').join('.'), code, message });
}
