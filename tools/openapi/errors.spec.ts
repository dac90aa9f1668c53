import type { ErrorStyle } from '@magistry/contracts';
import { ErrorResponses } from './errors.ts';

const schemaOf = (style: ErrorStyle, status: number) => {
  const errors = new ErrorResponses();
  errors.refer(style, status);
  const described = JSON.parse(JSON.stringify(errors.responses[`${style}-${status}`]));
  return described.content['application/json'].schema;
};

test('each style names only the codes that it tells with a status', () => {
  const codesOf = (style: ErrorStyle, status: number) => schemaOf(style, status).allOf[1].properties;
  expect(codesOf('core', 401)).toEqual({ error: { enum: ['unauthorized'] } });
  expect(codesOf('messages', 401)).toEqual({
    error: { properties: { code: { enum: ['invalid_api_key'] } } },
  });
  expect(codesOf('runs', 500)).toEqual({ code: { enum: ['internal_error'] } });
  expect(codesOf('runs', 400).code.enum).toContain('invalid_payload');
});

test('a body over the limit is described as it is sent on agents and runs', () => {
  expect(schemaOf('runs', 413)).toMatchObject({
    required: ['detail'],
    properties: { detail: { const: 'Request body too large' } },
  });
});
