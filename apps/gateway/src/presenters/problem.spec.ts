import { ERROR_STATUS, type ErrorCode, ProblemError } from '@magistry/errors';
import { createLogger } from '@magistry/telemetry';
import { Drain } from '../drain.js';
import { ProblemPresenter } from './problem.js';
import { toProblem } from './to-problem.js';

const CHALLENGE = 'Bearer resource_metadata="https://magistry.test/.well-known/oauth-protected-resource"';
const presenter = new ProblemPresenter('https://magistry.test', new Drain(), createLogger('test', 'silent'));
const render = (problem: ProblemError) => {
  const { status, headers, body } = presenter.render(problem, 'req_1');
  return { status, headers, body: JSON.parse(body) };
};

test('writes RFC 9457 with the code, the request id and the fields', () => {
  const errors = [{ path: 'items[2].sku', code: 'too_small', message: 'is empty' }];
  const { status, headers, body } = render(
    new ProblemError('validation_failed', 'See errors.', { errors, extras: { state: 'x' } }),
  );
  expect(status).toBe(422);
  expect(headers).toEqual({
    'content-type': 'application/problem+json; charset=utf-8',
    'x-request-id': 'req_1',
  });
  expect(body).toEqual({
    type: 'https://magistry.test/docs/errors/validation_failed',
    title: 'Validation failed',
    status: 422,
    detail: 'See errors.',
    code: 'validation_failed',
    request_id: 'req_1',
    errors,
    state: 'x',
  });
});

test.each(Object.keys(ERROR_STATUS) as ErrorCode[])(
  '%s has its status, a title and what its status asks for',
  (code) => {
    const { status, headers, body } = render(new ProblemError(code, 'x'));
    expect([status, body.status]).toEqual([ERROR_STATUS[code], ERROR_STATUS[code]]);
    expect(body.title).toMatch(/^[A-Z][A-Za-z ]+$/);
    expect(headers['retry-after']).toBe(status === 429 || status === 503 ? '1' : undefined);
    expect(headers['www-authenticate']).toBe(status === 401 ? CHALLENGE : undefined);
  },
);

test('a replayed refusal carries the id of the first request in its body', () => {
  const { headers, body } = render(
    new ProblemError('conflict', 'x', { headers: { 'Idempotency-Original-Request-Id': 'req_0' } }),
  );
  expect([headers['x-request-id'], body.request_id]).toEqual(['req_1', 'req_0']);
});

test.each([
  [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 'payload_too_large'],
  [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 'unsupported_media_type'],
  [{ code: 'FST_ERR_BAD_URL', statusCode: 400 }, 'invalid_request'],
  [{ code: 'FST_ERR_CTP_INVALID_CONTENT_LENGTH', statusCode: 400 }, 'invalid_request'],
  [{ code: 'ECONNRESET', statusCode: 400 }, 'invalid_request'],
  [new TypeError('x of undefined'), 'server_error'],
  ['a thrown text', 'server_error'],
  [undefined, 'server_error'],
])('%j becomes %s', (error, code) => {
  const problem = toProblem(error);
  expect(problem.code).toBe(code);
  expect(problem.message).not.toContain('undefined');
});
