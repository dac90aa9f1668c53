import { compileJsonSchema, type SchemaCheck, UnusableSchema } from '@magistry/contracts';
import { type FieldError, ProblemError } from '@magistry/errors';

/** Compiles a workspace's own JSON Schema. Throws `validation_failed` for one that cannot be used. */
export function compileSchema(schema: Readonly<Record<string, unknown>>): SchemaCheck {
  try {
    return compileJsonSchema(schema);
  } catch (error) {
    if (!(error instanceof UnusableSchema)) throw error;
    throw new ProblemError('validation_failed', 'The schema cannot be used; see errors.', {
      errors: [below('schema')(error.fault)],
    });
  }
}

/** Throws `validation_failed` naming what does not fit; `at` is where the data stands in the request. */
export function requireFits(check: SchemaCheck, data: unknown, type: string, at: string): void {
  const faults = check(data);
  if (faults.length === 0) return;
  throw new ProblemError('validation_failed', `${at} does not fit the schema of ${type}; see errors.`, {
    errors: faults.map(below(at)),
  });
}

function below(at: string): (fault: FieldError) => FieldError {
  return (fault) => ({ ...fault, path: fault.path === '' ? at : `${at}.${fault.path}` });
}
