import { type EventKind, PLATFORM_KINDS, platformKind } from './catalogue.js';
import { subscribes } from './event-names.js';
import { renderKind } from './render-kind.js';

/**
 * What a test of an endpoint sends: the first kind that it subscribes to, with data built from the kind's schema. Of
 * a kind that nobody has described there is nothing to build from: its data is empty.
 */
export function testEvent(
  { events, apiVersion }: { readonly events: readonly string[]; readonly apiVersion: string },
  own: readonly EventKind[],
): { readonly type: string; readonly data: unknown } {
  const [name = ''] = events;
  const isWildcard = name.endsWith('*');
  const fits = ({ type }: EventKind) => (isWildcard ? subscribes([name], type) : type === name);
  const kind = own.find(fits) ?? platformKind(PLATFORM_KINDS.find(fits)?.type ?? '', apiVersion);
  if (kind) return { type: kind.type, data: renderKind(kind).example };
  return { type: isWildcard ? name.replace('*', 'test') : name, data: {} };
}
