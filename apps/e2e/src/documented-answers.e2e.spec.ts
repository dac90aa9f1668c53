import { requireDocumented } from './documented-answers.fixture.js';
import type { Answered } from './gateway.fixture.js';

const switchAnswer = { engaged: true, reason: 'x', decision_id: 1, changed_at: null, changed_by: null };
const problem = {
  type: 'https://api.magistry.io/docs/errors/not_found',
  title: 'Not found',
  status: 404,
  detail: 'There is nothing.',
  code: 'not_found',
  request_id: 'req_1',
  errors: [],
};

function answered(json: unknown, status = 200, mediaType = 'application/json; charset=utf-8'): Answered {
  const headers = { 'content-type': mediaType, 'x-magistry-version': '2026-05-01' };
  return { status, headers, text: JSON.stringify(json), json, durationMs: 1 };
}
const asProblem = (json: unknown, status = 404) => answered(json, status, 'application/problem+json');
const requiring = (path: string, answer: Answered) => () => requireDocumented('GET', path, answer);

test('what the document describes passes', () => {
  expect(requiring('/v1/killswitch', answered(switchAnswer))).not.toThrow();
  expect(requiring('/v1/killswitch?x=1', asProblem(problem))).not.toThrow();
  expect(requiring('/no/such/path', asProblem({ ...problem, more: 1 }))).not.toThrow();
});

test.each([
  ['a member that no document names', '/v1/killswitch', answered({ ...switchAnswer, extra: 1 })],
  ['a member of the wrong type', '/v1/killswitch', answered({ ...switchAnswer, engaged: 'yes' })],
  ['a missing member', '/v1/killswitch', answered({ engaged: true })],
  ['another status', '/v1/killswitch', answered(switchAnswer, 201)],
  ['another media type', '/v1/killswitch', answered(switchAnswer, 200, 'text/plain')],
  ['no body', '/v1/killswitch', { ...answered(undefined), text: '' }],
  ['a code that comes with another status', '/v1/killswitch', asProblem({ ...problem, code: 'conflict' })],
  ['a refusal without a code', '/no/such/path', asProblem({ ...problem, code: undefined })],
  ['the shape of another version', '/v1/decisions/1', answered({ judge: null })],
])('%s is found', (_, path, answer) => {
  expect(requiring(path, answer)).toThrow(/OpenAPI does not describe/);
});

test('an answer of a version that is not published is found', () => {
  const answer = answered(switchAnswer);
  const headers = { ...answer.headers, 'x-magistry-version': '2020-01-01' };
  expect(requiring('/v1/killswitch', { ...answer, headers })).toThrow(/no version/);
});
