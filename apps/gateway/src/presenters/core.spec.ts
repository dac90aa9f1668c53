import { ProblemError } from '@magistry/errors';
import { createLogger } from '@magistry/telemetry';
import { Drain } from '../drain.js';
import { ProblemPresenter } from './problem.js';

const presenter = new ProblemPresenter('https://magistry.test', new Drain(), createLogger('test', 'silent'));
const render = (problem: ProblemError) => {
  const { status, headers, body } = presenter.render(problem, 'req_abc123def456', 'core');
  return { status, headers, body: JSON.parse(body) };
};

test('a validation error names each field with its sentences, as seed 003 prints it', () => {
  const errors = [
    { path: 'name', code: 'required', message: 'is required' },
    { path: 'email', code: 'invalid_format', message: 'must be a valid email address' },
    { path: '__proto__', code: 'unknown_field', message: 'is not a field of this operation' },
    { path: 'name', code: 'custom', message: 'must be kind' },
    { path: '', code: 'invalid_type', message: 'must be an object' },
  ];
  const { status, headers, body } = render(new ProblemError('validation_failed', 'See errors.', { errors }));
  expect([status, headers['content-type']]).toEqual([422, 'application/json; charset=utf-8']);
  expect(Object.entries(body.errors)).toEqual([
    ['name', ['The name field is required.', 'The name must be kind.']],
    ['email', ['The email must be a valid email address.']],
    ['__proto__', ['The __proto__ is not a field of this operation.']],
    ['request', ['The request must be an object.']],
  ]);
  expect([body.error, body.message]).toEqual(['validation_failed', 'The given data was invalid.']);
});

test.each<[ProblemError, Record<string, unknown>]>([
  [
    new ProblemError('not_found', 'There is no workspace 7.'),
    { error: 'not_found', message: 'Resource not found.' },
  ],
  [new ProblemError('unauthorized', 'x'), { error: 'unauthorized', message: 'Invalid or missing API key.' }],
  [
    new ProblemError('access_denied', 'Insufficient permissions. Required scope: posts:write'),
    { error: 'access_denied', message: 'Insufficient permissions. Required scope: posts:write' },
  ],
  [
    new ProblemError('feature_limit_reached', 'You have reached your limit for this feature.', {
      extras: { feature: 'posts', upgrade_url: 'https://example.com/upgrade' },
    }),
    {
      error: 'feature_limit_reached',
      message: 'You have reached your limit for this feature.',
      feature: 'posts',
      upgrade_url: 'https://example.com/upgrade',
    },
  ],
  [
    new ProblemError('rate_limit_exceeded', 'x', {
      retryAfterSeconds: 60,
      extras: { limit: 1000, remaining: 0, reset_at: '2026-01-15T11:00:00Z' },
    }),
    {
      error: 'rate_limit_exceeded',
      message: 'Too many requests. Please retry after 60 seconds.',
      retry_after: 60,
      limit: 1000,
      remaining: 0,
      reset_at: '2026-01-15T11:00:00Z',
    },
  ],
  [
    new ProblemError('server_error', 'x'),
    {
      error: 'server_error',
      message: 'An unexpected error occurred.',
      request_id: 'req_abc123def456',
    },
  ],
])('%s is written as seed 003 prints it', (problem, printed) => {
  expect(render(problem).body).toEqual(printed);
});
