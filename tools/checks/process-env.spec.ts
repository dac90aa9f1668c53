import { environmentReaders } from './process-env.ts';
import { fixture, repository } from './repository.ts';

test('process.env is read by config.ts alone, so that a start names every faulty setting at once', () => {
  expect(environmentReaders(repository)).toEqual([]);
});

test('the known-bad tree is refused, however it reaches the environment', () => {
  expect(environmentReaders(fixture('process-env'))).toEqual([
    'apps/decisions/src/main.ts',
    'apps/decisions/src/storage/database.ts',
    'libs/messaging/src/connection.ts',
    'libs/telemetry/src/logger.ts',
  ]);
});
