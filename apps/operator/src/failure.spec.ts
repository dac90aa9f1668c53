import { ProblemError } from '@magistry/errors';
import { CommandFailure, EXIT } from './exit.js';
import { describeFailure } from './failure.js';

test('a refusal is told with its code and every field', () => {
  const errors = [{ path: 'tier', code: 'invalid_value', message: 'must be a tier' }];
  expect(describeFailure(new ProblemError('validation_failed', 'Not valid.', { errors }))).toEqual({
    exitCode: EXIT.refused,
    text: 'validation_failed: Not valid.\n  tier: must be a tier',
    json: { error: { code: 'validation_failed', message: 'Not valid.', errors } },
  });
});

test.each(['service_unavailable', 'timeout'] as const)('%s means that nobody answered', (code) => {
  expect(describeFailure(new ProblemError(code, 'Later.')).exitCode).toBe(EXIT.unreachable);
});

test('anything else is its message alone, never a stack', () => {
  const { exitCode, text, json } = describeFailure(new Error('broken'));
  expect([exitCode, text, json]).toEqual([
    EXIT.refused,
    'broken',
    { error: { code: 'failed', message: 'broken' } },
  ]);
  expect(describeFailure(new CommandFailure(EXIT.usage, 'so not')).exitCode).toBe(EXIT.usage);
});
