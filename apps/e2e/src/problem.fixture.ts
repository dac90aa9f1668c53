import { ERROR_STATUS, type ErrorCode, isErrorCode } from '@magistry/errors';
import type { Answered } from './gateway.fixture.js';

const ANSWER_MS_MAX = 2_000;
// Stack frames, queries, files and what a driver says: none of a caller's business.
const INTERNALS =
  /\bat .+:\d+:\d+|node_modules|\/(apps|dist|src|work|home)\/|\b(SELECT|INSERT|UPDATE) .+|ECONN|pg_|nats:|postgres/i;

/** A refusal of the closed list, in the documented envelope, that gives nothing away. */
export function expectProblem(answered: Answered, code?: ErrorCode): void {
  const { status, headers, json } = answered;
  if (typeof json?.error === 'string') {
    expectCoreError(answered, code);
    return;
  }
  if (json?.type === undefined) {
    expectAgentError(answered, code);
    return;
  }
  if (code !== undefined) expect({ status, code: json?.code }).toEqual({ status: ERROR_STATUS[code], code });
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(isErrorCode(json.code) && ERROR_STATUS[json.code as ErrorCode]).toBe(status);
  expect(json).toMatchObject({
    type: expect.stringMatching(new RegExp(`/docs/errors/${json.code}$`)),
    title: expect.any(String),
    detail: expect.any(String),
    status,
    request_id: headers['x-request-id'],
    errors: expect.any(Array),
  });
  const { type: _, ...told } = json;
  expect(JSON.stringify({ ...told, errors: json.errors.map(withoutPath) })).not.toMatch(INTERNALS);
}

/** The envelope of /api/v1, which says what it is by having `error`. */
function expectCoreError({ status, headers, json }: Answered, code?: ErrorCode): void {
  if (code !== undefined) expect({ status, code: json.error }).toEqual({ status: ERROR_STATUS[code], code });
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(headers['x-request-id']).toBeDefined();
  expect(isErrorCode(json.error) && ERROR_STATUS[json.error as ErrorCode]).toBe(status);
  expect(json.message).toEqual(expect.any(String));
  // A field's name is the caller's own.
  expect(JSON.stringify([json.message, Object.keys(json)])).not.toMatch(INTERNALS);
}

/** The envelopes of messages, `{"error": {…}}`, and of runs, which says `{"detail"}` of a size alone. */
function expectAgentError({ status, headers, json }: Answered, wanted?: ErrorCode): void {
  const isSize = status === ERROR_STATUS.payload_too_large && json?.detail !== undefined;
  const { code, message } = isSize
    ? { code: 'payload_too_large', message: json.detail }
    : (json?.error ?? json);
  if (wanted !== undefined) expect(code).toBe(wanted);
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(isErrorCode(code) && ERROR_STATUS[code]).toBe(status);
  expect(message).toEqual(expect.any(String));
  expect(message).not.toMatch(INTERNALS);
}

/** Whatever was sent: an answer in time, and either a success or a documented refusal that is nobody's fault. */
export function expectSaneAnswer(answered: Answered): void {
  expect(answered.durationMs).toBeLessThan(ANSWER_MS_MAX);
  expect(answered.status).toBeLessThan(500);
  if (answered.status >= 400) expectProblem(answered);
}

// A path repeats names that the caller chose.
function withoutPath({ code, message }: { code: string; message: string }) {
  return { code, message };
}
