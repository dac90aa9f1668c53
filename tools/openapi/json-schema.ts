import { z } from 'zod';

export type Json = Readonly<Record<string, unknown>>;

/** A contract's schema as JSON Schema 2020-12: of requests what may be sent, of answers what is promised. */
export function toJsonSchema(schema: z.ZodType, side: 'request' | 'answer'): Json {
  const io = side === 'request' ? 'input' : 'output';
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  const plain = walk(json, withoutSafeBounds);
  return (side === 'answer' ? walk(plain, openToMembers) : plain) as Json;
}

/** Collects what has a title under `components.schemas` and leaves a reference in its place. */
export class NamedSchemas {
  readonly components: Record<string, Json> = {};

  refer(schema: Json): Json {
    return walk(schema, (part) => {
      const { title } = part;
      if (typeof title !== 'string') return part;
      const known = this.components[title];
      if (known && JSON.stringify(known) !== JSON.stringify(part)) {
        throw new Error(`two different schemas are called ${title}: give one another title`);
      }
      this.components[title] = part;
      return { $ref: `#/components/schemas/${title}` };
    }) as Json;
  }
}

// Zod bounds every integer by what JavaScript can hold, which tells a reader nothing.
function withoutSafeBounds(part: Json): Json {
  const bounds: Json = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
  return Object.fromEntries(
    Object.entries(part).filter(([name, value]) => !(name in bounds) || bounds[name] !== value),
  );
}

// A member more is no breaking change, so no document may promise that there will be none.
function openToMembers(part: Json): Json {
  const { additionalProperties, ...rest } = part;
  return additionalProperties === false ? rest : part;
}

/** Every object inside, innermost first. Members of `properties` are named by callers and stay as they are. */
function walk(value: unknown, change: (part: Json) => Json, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, change));
  if (typeof value !== 'object' || value === null) return value;
  const walked = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      LITERALS.has(name) && !isNames ? member : walk(member, change, name === 'properties' && !isNames),
    ]),
  );
  return isNames ? walked : change(walked);
}

const LITERALS = new Set(['enum', 'const', 'default', 'examples', 'required']);
