import type { FieldError } from '@magistry/errors';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const KEPT_MAX = 500;
const compiled = new Map<string, ValidateFunction>();

/** What does not fit the JSON Schema, by field; empty when all does. Throws where the schema itself is wrong. */
export function schemaFaults(schema: Record<string, unknown>, value: unknown): FieldError[] {
  const validate = validatorOf(schema);
  return validate(value) ? [] : (validate.errors ?? []).map(faultOf);
}

function validatorOf(schema: Record<string, unknown>): ValidateFunction {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known) return known;
  // One instance a schema: ids of one workspace's schemas do not meet another's.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const made = ajv.compile(schema);
  if (compiled.size >= KEPT_MAX) compiled.clear();
  compiled.set(key, made);
  return made;
}

function faultOf({ instancePath, keyword, message = 'is not valid', params }: ErrorObject): FieldError {
  const path = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'required') {
    const missing = String(params['missingProperty']);
    return { path: path ? `${path}.${missing}` : missing, code: 'required', message: 'is required' };
  }
  return { path, code: keyword, message };
}
