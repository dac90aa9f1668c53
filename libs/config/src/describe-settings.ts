import { z } from 'zod';

/** What an operator must know of one environment variable. */
export interface SettingDescription {
  readonly name: string;
  readonly meaning: string;
  /** As it is written into an environment; undefined when there is none. */
  readonly default: string | undefined;
  /** False also for one that may be left out without a default. */
  readonly isRequired: boolean;
  readonly isSecret: boolean;
}

interface Described {
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
}

/** Describes settings from their schemas, without reading an environment. */
export function describeSettings(shape: z.ZodRawShape): SettingDescription[] {
  const { properties = {}, required = [] } = z.toJSONSchema(z.object(shape), { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const described = property as Described;
    return {
      name,
      meaning: described.description ?? '',
      default: described.default === undefined ? undefined : String(described.default),
      isRequired: required.includes(name),
      isSecret: described.secret ?? false,
    };
  });
}
