/** What is known, by name: numbers, texts and whatever else stood in a JSON object. */
export type Facts = Readonly<Record<string, unknown>>;

type Schema = Record<string, unknown>;

const SCHEMA_LINE = /fits this JSON Schema:\s*(\{.*\})\s*$/s;
const SKU = /\b(?=[a-z0-9-]*-)[a-z0-9]+(?:-[a-z0-9]+)+\b/i;

/** The schema that the instructions ask for an answer in. */
export function schemaIn(instructions: string): Schema | undefined {
  const json = SCHEMA_LINE.exec(instructions)?.[1];
  return json === undefined ? undefined : (objectIn(json) as Schema | undefined);
}

/** From JSON texts the members, nested ones too; from other text a SKU. The first to say a name is believed. */
export function factsIn(texts: readonly string[]): Facts {
  const facts: Record<string, unknown> = {};
  for (const text of texts) {
    const value = objectIn(text);
    if (value !== undefined) gather(value, facts);
    const sku = value === undefined ? skuIn(text) : undefined;
    if (sku !== undefined) facts['sku'] ??= sku;
  }
  return facts;
}

/** The first thing in a text that has the form of a SKU. */
export function skuIn(text: string): string | undefined {
  return SKU.exec(text)?.[0];
}

function gather(value: object, facts: Record<string, unknown>): void {
  for (const [name, member] of Object.entries(value)) {
    if (!Object.hasOwn(facts, name)) facts[name] = member;
    if (typeof member === 'object' && member !== null && !Array.isArray(member)) gather(member, facts);
  }
}

export function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A value that fits the schema: each member from the facts where they have it, else the plainest that is allowed. */
export function filled(schema: Schema, facts: Facts): unknown {
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if ('default' in schema) return schema['default'];
  switch (schema['type']) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
      const needed = new Set(Array.isArray(schema['required']) ? schema['required'].map(String) : []);
      const members = Object.entries(properties)
        .filter(([name]) => needed.has(name) || Object.hasOwn(facts, name))
        .map(([name, member]) => [name, memberOf(name, member, facts)]);
      return Object.fromEntries(members);
    }
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}

function memberOf(name: string, schema: Schema, facts: Facts): unknown {
  const known = facts[name];
  return Object.hasOwn(facts, name) && isOf(schema['type'], known) ? known : filled(schema, facts);
}

function isOf(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return type === undefined || typeof value === type;
  }
}
