import { type FieldError, ProblemError } from '@magistry/errors';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Json = Readonly<Record<string, unknown>>;

/** Comparing every item with every other takes time by the square of their number. */
const UNIQUE_ITEMS_MAX = 1_000;
const FAULTS_MAX = 20;

/**
 * Compiles a workspace's own JSON Schema (2020-12). Throws `validation_failed` for one that is none, refers outside
 * of itself, or could hold a process up: patterns are somebody else's regular expressions, run over somebody
 * else's text.
 */
export function compileSchema(schema: Json): ValidateFunction {
  const costly = costlyPart(schema, 'schema');
  if (costly) throw refused(costly);
  const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
  addFormats.default(ajv, { mode: 'fast' });
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw refused({
      path: 'schema',
      code: 'invalid_schema',
      message: (error as Error).message.slice(0, 300),
    });
  }
}

/** Throws `validation_failed` naming what does not fit; `at` is where the data stands in the request. */
export function requireFits(validate: ValidateFunction, data: unknown, type: string, at: string): void {
  if (validate(data)) return;
  const errors = (validate.errors ?? []).slice(0, FAULTS_MAX).map((error) => faultOf(error, at));
  throw new ProblemError('validation_failed', `${at} does not fit the schema of ${type}; see errors.`, {
    errors,
  });
}

function faultOf({ instancePath, keyword, message = 'does not fit' }: ErrorObject, at: string): FieldError {
  const path = instancePath.split('/').slice(1).join('.');
  return { path: path === '' ? at : `${at}.${path}`, code: keyword, message };
}

function costlyPart(part: unknown, path: string): FieldError | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const { uniqueItems, maxItems } = part as Json;
  if (uniqueItems === true && !(typeof maxItems === 'number' && maxItems <= UNIQUE_ITEMS_MAX)) {
    const message = `needs a maxItems of at most ${UNIQUE_ITEMS_MAX} beside it`;
    return { path: `${path}.uniqueItems`, code: 'costly', message };
  }
  for (const [name, value] of Object.entries(part)) {
    const at = `${path}.${name}`;
    const isPattern = name === 'pattern' ? typeof value === 'string' : name === 'patternProperties';
    if (isPattern)
      return { path: at, code: 'not_supported', message: 'is not supported; use format, enum or const' };
    if (name === '$ref' && typeof value === 'string' && !value.startsWith('#')) {
      return { path: at, code: 'not_supported', message: 'must begin with #' };
    }
    const found = costlyPart(value, at);
    if (found) return found;
  }
  return undefined;
}

function refused(fault: FieldError): ProblemError {
  return new ProblemError('validation_failed', 'The schema cannot be used; see errors.', { errors: [fault] });
}
