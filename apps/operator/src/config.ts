import { readConfig } from '@magistry/config';
import { z } from 'zod';

/** What the command takes from its environment; options win. This file is the only reader of it. */
export function operatorConfig() {
  return readConfig(
    {
      MAGISTRY_OPERATOR_URL: z.string().optional(),
      MAGISTRY_OPERATOR_NAME: z.string().optional(),
      MAGISTRY_BASE_URL: z.string().optional(),
      MAGISTRY_HOME: z.string().default('.magistry'),
    },
    process.env,
  );
}

export type OperatorConfig = ReturnType<typeof operatorConfig>;
