import { codeIn, type ErrorStyle } from '@magistry/contracts';
import { ERROR_STATUS, type ErrorCode, ProblemError } from '@magistry/errors';
import { createLogger } from '@magistry/telemetry';
import { Drain } from '../drain.js';
import { ProblemPresenter } from './problem.js';

const CHALLENGE = 'Bearer resource_metadata="https://magistry.test/.well-known/oauth-protected-resource"';
const presenter = new ProblemPresenter('https://magistry.test', new Drain(), createLogger('test', 'silent'));
const render = (problem: ProblemError, style: ErrorStyle) => {
  const { status, headers, body } = presenter.render(problem, 'req_1', style);
  return { status, headers, body: JSON.parse(body) };
};
const CODES = Object.keys(ERROR_STATUS) as ErrorCode[];
const FAULTS = [
  { path: 'content', code: 'required', message: 'is required' },
  { path: '', code: 'invalid_type', message: 'must be an object' },
];
const FAULTS_TOLD = 'The content field is required. The request must be an object.';

describe.each<[ErrorStyle, (code: ErrorCode) => unknown]>([
  [
    'messages',
    (code) => ({ error: { code, message: code === 'invalid_api_key' ? 'Invalid API key' : 'x' } }),
  ],
  [
    'runs',
    (code) => (code === 'payload_too_large' ? { detail: 'Request body too large' } : { code, message: 'x' }),
  ],
])('%s', (style, printed) => {
  test.each(CODES)(
    '%s has the status of what it is told as, and no member more than the seed prints',
    (code) => {
      const details = { extras: { limit: 1 }, headers: { allow: 'GET' } };
      const { status, headers, body } = render(new ProblemError(code, 'x', details), style);
      const told = codeIn(style, code);
      expect([status, body]).toEqual([ERROR_STATUS[told], printed(told)]);
      expect(headers).toMatchObject({
        allow: 'GET',
        'content-type': 'application/json; charset=utf-8',
        'x-request-id': 'req_1',
      });
      expect(headers['retry-after']).toBe(status === 429 || status === 503 ? '1' : undefined);
      expect(headers['www-authenticate']).toBe(status === 401 ? CHALLENGE : undefined);
    },
  );
});

test.each<[ErrorStyle, unknown]>([
  ['messages', { error: { code: 'invalid_request', message: FAULTS_TOLD } }],
  ['runs', { code: 'invalid_payload', message: FAULTS_TOLD }],
])('in %s a faulty request is 400 and its one text names each field', (style, printed) => {
  const problem = new ProblemError('validation_failed', 'See errors.', { errors: FAULTS });
  const { status, body } = render(problem, style);
  expect([status, body]).toEqual([400, printed]);
});

test('a refusal keeps how long to wait under another code', () => {
  const waits = new ProblemError('rate_limit_exceeded', 'x', { retryAfterSeconds: 7 });
  expect(render(waits, 'runs').headers['retry-after']).toBe('7');
});
