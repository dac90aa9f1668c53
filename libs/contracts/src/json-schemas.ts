import type { FieldError } from '@magistry/errors';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { z } from 'zod';
import { schemaWeight } from './schema-weight.js';

type Json = Readonly<Record<string, unknown>>;

/** What of a value does not fit a schema, by field; empty when all does. */
export type SchemaCheck = (value: unknown) => FieldError[];

const FAULTS_MAX = 20;
/** Members of the value times the schema's own: some seconds of work at the very most. */
const WORK_MAX = 100_000_000;
const MESSAGE_LENGTH_MAX = 300;

/** A schema that cannot be used, with the place and the reason. */
export class UnusableSchema extends Error {
  constructor(readonly fault: FieldError) {
    super(fault.path === '' ? fault.message : `${fault.path} ${fault.message}`);
  }
}

/**
 * Compiles a JSON Schema (2020-12) that somebody else wrote. Throws `UnusableSchema` for one that is none, refers
 * outside of itself, or could hold a process up.
 */
export function compileJsonSchema(schema: Json): SchemaCheck {
  const weighed = schemaWeight(schema);
  if ('fault' in weighed) throw new UnusableSchema(weighed.fault);
  const validate = compiled(schema);
  const membersMax = Math.floor(WORK_MAX / weighed.weight);
  return (value) => {
    if (membersLeft(value, membersMax) < 0)
      return [{ path: '', code: 'costly', message: 'has too many members for its schema' }];
    return validate(value) ? [] : (validate.errors ?? []).slice(0, FAULTS_MAX).map(faultOf);
  };
}

/** For a field of a contract: names the place within the schema that keeps it from being used. */
export function refuseUnusableSchema(schema: Json, context: z.core.$RefinementCtx): void {
  try {
    compileJsonSchema(schema);
  } catch (error) {
    if (!(error instanceof UnusableSchema)) throw error;
    const { path, message } = error.fault;
    context.addIssue({ code: 'custom', path: path === '' ? [] : path.split('.'), message, input: schema });
  }
}

function compiled(schema: Json): ValidateFunction {
  // One instance a schema: what one of them calls itself does not meet another's.
  const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
  addFormats.default(ajv, { mode: 'fast' });
  try {
    return ajv.compile(schema);
  } catch (error) {
    const message = `is no JSON Schema: ${(error as Error).message}`.slice(0, MESSAGE_LENGTH_MAX);
    throw new UnusableSchema({ path: '', code: 'invalid_schema', message });
  }
}

/** What is left of `count` once every member is counted; below zero as soon as there are more. */
function membersLeft(value: unknown, count: number): number {
  if (typeof value !== 'object' || value === null || count < 0) return count - 1;
  return Object.values(value).reduce<number>((left, member) => membersLeft(member, left), count - 1);
}

function faultOf({ instancePath, keyword, message = 'does not fit', params }: ErrorObject): FieldError {
  const path = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'required') {
    const missing = String(params['missingProperty']);
    return { path: path ? `${path}.${missing}` : missing, code: 'required', message: 'is required' };
  }
  return { path, code: keyword, message };
}
