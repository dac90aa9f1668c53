import { z } from 'zod';
import { readConfig } from './index.js';

const shape = {
  PORT: z.coerce.number().int().min(1),
  NATS_URL: z.url(),
  LOG_LEVEL: z.string().default('info'),
};

test('gives typed settings with defaults', () => {
  expect(readConfig(shape, { PORT: '80', NATS_URL: 'nats://127.0.0.1:4222', LOG_LEVEL: '' })).toEqual({
    PORT: 80,
    NATS_URL: 'nats://127.0.0.1:4222',
    LOG_LEVEL: 'info',
  });
});

test('names every faulty variable in one error', () => {
  expect(() => readConfig(shape, { PORT: 'eighty' })).toThrow(/PORT.*\n.*NATS_URL/);
});
