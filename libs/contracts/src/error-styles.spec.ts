import { codeIn, codesIn, type ErrorStyle, errorStyleOf } from './error-styles.js';

test.each<[string, ErrorStyle]>([
  ['/v1/decisions', 'problem'],
  ['/docs', 'problem'],
  ['/agents', 'problem'],
  ['/api/v1', 'core'],
  ['/api/v1/workspaces/7', 'core'],
  ['/api/v1/runsets', 'core'],
  ['/api/v1/cs/threads/7/messages', 'core'],
  ['/api/v1/messages', 'messages'],
  ['/api/v1/messages/7/events', 'messages'],
  ['/api/v1/agents', 'runs'],
  ['/api/v1/agents/researcher/run', 'runs'],
  ['/api/v1/runs/mag-1/logs', 'runs'],
  ['/api/v1/github/webhook', 'runs'],
])('what is refused at %s is told in the style %s', (path, style) => {
  expect(errorStyleOf(path)).toBe(style);
});

test.each<[ErrorStyle, string[], string[]]>([
  [
    'problem',
    ['validation_failed', 'server_error'],
    ['invalid_payload', 'invalid_api_key', 'internal_error'],
  ],
  ['core', ['validation_failed', 'unauthorized'], ['invalid_payload', 'invalid_api_key', 'internal_error']],
  ['messages', ['invalid_request', 'invalid_api_key'], ['validation_failed', 'invalid_json', 'unauthorized']],
  ['runs', ['invalid_payload', 'internal_error'], ['validation_failed', 'invalid_json', 'server_error']],
])('%s tells %j and never %j', (style, told, untold) => {
  expect(codesIn(style)).toEqual(expect.arrayContaining(told));
  for (const code of untold) expect(codesIn(style)).not.toContain(code);
  expect(codesIn(style).filter((code) => codeIn(style, code) !== code)).toEqual([]);
});
