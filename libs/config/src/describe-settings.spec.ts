import { z } from 'zod';
import { describeSettings, logLevel, secret } from './index.js';

test('tells meaning, default, need and secrecy of each setting', () => {
  const settings = {
    PORT: z.coerce.number().int().default(8080).describe('Where it listens.'),
    MAGISTRY_PEPPER: secret('Keys hashes.'),
    ENDPOINT: z.url().optional().describe('Where traces go.'),
    LOG_LEVEL: logLevel,
  };
  expect(describeSettings(settings)).toEqual([
    { name: 'PORT', meaning: 'Where it listens.', default: '8080', isRequired: false, isSecret: false },
    {
      name: 'MAGISTRY_PEPPER',
      meaning: 'Keys hashes.',
      default: undefined,
      isRequired: true,
      isSecret: true,
    },
    { name: 'ENDPOINT', meaning: 'Where traces go.', default: undefined, isRequired: false, isSecret: false },
    expect.objectContaining({ name: 'LOG_LEVEL', default: 'info', isRequired: false }),
  ]);
});
