import { z } from 'zod';
import { fieldErrors } from './field-errors.js';

const schema = z.strictObject({
  name: z.string().min(2).max(3),
  page: z.int().min(1).max(9).optional(),
  tags: z.array(z.enum(['a', 'b'])).optional(),
});

function faultsOf(input: unknown) {
  const { error } = schema.safeParse(input);
  return error?.issues.flatMap((issue) => fieldErrors(issue, input));
}

test.each<[unknown, [string, string, string][]]>([
  [{}, [['name', 'required', 'is required']]],
  [{ name: 7 }, [['name', 'invalid_type', 'must be a string']]],
  [{ name: 'x' }, [['name', 'too_small', 'must have at least 2 characters']]],
  [{ name: 'long' }, [['name', 'too_big', 'must have at most 3 characters']]],
  [{ name: 'ok', page: 0 }, [['page', 'too_small', 'must be at least 1']]],
  [{ name: 'ok', page: 1.5 }, [['page', 'invalid_type', 'must be a whole number']]],
  [{ name: 'ok', tags: ['a', 'c'] }, [['tags[1]', 'invalid_value', 'must be one of a, b']]],
  [{ name: 'ok', other: 1 }, [['other', 'unknown_field', 'is not a field of this operation']]],
  [[], [['', 'invalid_type', 'must be an object']]],
])('%j', (input, expected) => {
  expect(faultsOf(input)?.map(({ path, code, message }) => [path, code, message])).toEqual(expected);
});
