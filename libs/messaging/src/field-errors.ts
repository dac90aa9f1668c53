import type { FieldError } from '@magistry/errors';
import type { z } from 'zod';

/** What is wrong with one field, as a predicate that goes with its name: "must be a string". */
export function fieldErrors(issue: z.core.$ZodIssue, input: unknown): FieldError[] {
  const path = dottedPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path ? `${path}.${key}` : key,
      code: 'unknown_field',
      message: 'is not a field of this operation',
    }));
  }
  if (path !== '' && valueAt(input, issue.path) === undefined) {
    return [{ path, code: 'required', message: 'is required' }];
  }
  return [{ path, code: issue.code, message: predicateOf(issue) }];
}

function predicateOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : withArticle(issue.expected)}`;
    case 'too_big':
      return `${measure(issue.origin)} at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`;
    case 'too_small':
      return `${measure(issue.origin)} at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

// A text has so many characters; a number is so much.
function measure(origin: string): string {
  return origin in UNITS ? 'must have' : 'must be';
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    input,
  );
}

function dottedPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text ? `${text}.${String(part)}` : String(part);
  }, '');
}
