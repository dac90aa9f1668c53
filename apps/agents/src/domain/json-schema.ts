import { compileJsonSchema, type SchemaCheck } from '@magistry/contracts';
import type { FieldError } from '@magistry/errors';

const KEPT_MAX = 500;
const compiled = new Map<string, SchemaCheck>();

/** What does not fit the JSON Schema, by field; empty when all does. Throws where the schema itself is wrong. */
export function schemaFaults(schema: Record<string, unknown>, value: unknown): FieldError[] {
  return checkOf(schema)(value);
}

function checkOf(schema: Record<string, unknown>): SchemaCheck {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known) return known;
  const made = compileJsonSchema(schema);
  if (compiled.size >= KEPT_MAX) compiled.clear();
  compiled.set(key, made);
  return made;
}
