import { ProblemError } from '@magistry/errors';

const EVERYTHING = '*';
const NAME = /^[a-z][a-z0-9_]*\.([a-z][a-z0-9_]*|\*)$/;

/** The nouns of the platform's own events: nobody else publishes or registers kinds of these. */
const PLATFORM_NOUNS = ['decision', 'agent', 'killswitch', 'job', 'endpoint', 'webhook'];

/**
 * What an endpoint subscribes to: `*`, `noun.*` and `noun.verb` in the order given, without duplicates and without
 * names that a wildcard of the set covers. Throws `validation_failed` for anything else.
 */
export function normaliseEvents(names: readonly string[]): string[] {
  const faulty = names.flatMap((name, at) =>
    name === EVERYTHING || NAME.test(name)
      ? []
      : [
          {
            path: `events[${at}]`,
            code: 'invalid_format',
            message: 'must be *, noun.* or noun.verb, such as post.created',
          },
        ],
  );
  if (faulty.length > 0) {
    throw new ProblemError('validation_failed', 'Some names of events are not valid; see errors.', {
      errors: faulty,
    });
  }
  const unique = [...new Set(names)];
  return unique.filter((name) => !unique.some((other) => other !== name && covers(other, name)));
}

/** Whether an endpoint with these names gets events of the type. */
export function subscribes(events: readonly string[], type: string): boolean {
  return events.some((name) => name === type || covers(name, type));
}

export function isPlatformType(type: string): boolean {
  return PLATFORM_NOUNS.includes(nounOf(type));
}

function nounOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

function covers(wildcard: string, name: string): boolean {
  if (wildcard === EVERYTHING) return true;
  return wildcard.endsWith('.*') && nounOf(wildcard) === nounOf(name);
}
