import type { Route } from '@magistry/contracts';

/** A single resource in the style of the route's prefix: `{data}`, with a message where something was done, or bare. */
export function styled({ style }: Route, data: unknown, message?: string): unknown {
  if (style !== 'core') return data;
  return message === undefined ? { data } : { message, data };
}
