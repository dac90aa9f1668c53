import { compileJsonSchema, UnusableSchema } from './json-schemas.js';

const DOUBLING = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => {
    const next = { $ref: `#/$defs/level${index + 1}` };
    return [`level${index}`, index === 39 ? { type: 'string' } : { allOf: [next, next] }];
  }),
);

test.each<[string, Record<string, unknown>, string]>([
  [
    'a catastrophic pattern',
    { properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
    'properties.a.pattern',
  ],
  ['patterns of names', { patternProperties: { '^(a+)+$': {} } }, 'patternProperties'],
  ['a pattern in what is referred to', { $ref: '#/x/y', x: { y: { pattern: '(a|a)*b' } } }, 'x.y.pattern'],
  ['a schema elsewhere', { properties: { a: { $ref: 'https://example.com/schema' } } }, 'properties.a.$ref'],
  ['a file', { $ref: 'file:///etc/passwd' }, '$ref'],
  ['references without end', { allOf: [{ $ref: '#' }] }, 'allOf.0.$ref'],
  ['references that double', { $ref: '#/$defs/level0', $defs: DOUBLING }, '$defs'],
  ['dynamic references', { $dynamicRef: '#a' }, '$dynamicRef'],
  ['an answer that comes later', { $async: true, type: 'object' }, '$async'],
  ['a name of its own within', { properties: { a: { $id: 'x:y', type: 'string' } } }, 'properties.a.$id'],
  ['comparing without bound', { items: { type: 'array', uniqueItems: true } }, 'items.uniqueItems'],
  ['no schema at all', { type: 'nonsense' }, ''],
  ['a reference to nothing', { $ref: '#/$defs/nobody' }, ''],
  ['an old draft', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }, ''],
])('%s is refused at its place, at once', (_, schema, path) => {
  const startedAt = process.cpuUsage();
  let thrown: unknown;
  try {
    compileJsonSchema(schema);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UnusableSchema);
  expect((thrown as UnusableSchema).fault.path).toContain(path);
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(2_000);
});

test('what is not a schema says where', () => {
  expect(() => compileJsonSchema({ type: 'object', properties: { a: { type: 'nonsense' } } })).toThrow(
    /properties\/a\/type/,
  );
});

test('a property may be called as a keyword is', () => {
  const properties = { pattern: { type: 'string' }, $ref: { type: 'string' }, $async: { type: 'boolean' } };
  const check = compileJsonSchema({ type: 'object', properties });
  expect(check({ pattern: 'x', $ref: 'y', $async: true })).toEqual([]);
});

test('references within are followed, and what does not fit is named by field', () => {
  const check = compileJsonSchema({
    type: 'object',
    required: ['price'],
    properties: { price: { $ref: '#/$defs/amount' } },
    $defs: { amount: { type: 'object', required: ['minor'], properties: { minor: { type: 'integer' } } } },
  });
  expect(check({})).toEqual([{ path: 'price', code: 'required', message: 'is required' }]);
  expect(check({ price: {} })).toEqual([{ path: 'price.minor', code: 'required', message: 'is required' }]);
  expect(check({ price: { minor: 'x' } })).toMatchObject([{ path: 'price.minor', code: 'type' }]);
});

test('a value too large for a heavy schema is refused before it is looked at', () => {
  const heavy = { items: { allOf: Array.from({ length: 1_000 }, () => ({ minLength: 1 })) } };
  const startedAt = process.cpuUsage();
  expect(compileJsonSchema(heavy)(Array.from({ length: 200_000 }, () => 'a'))).toMatchObject([
    { code: 'costly' },
  ]);
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(5_000);
});
