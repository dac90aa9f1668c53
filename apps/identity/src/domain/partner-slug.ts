import { ProblemError } from '@magistry/errors';

/** Whoever had one of these would pass for the platform or its people. */
const RESERVED = ['magistry', 'magus', 'system', 'operator', 'platform', 'admin', 'official', 'support'];

/**
 * What slugs that look alike have in common, as the table keeps it unique: without hyphens, digits as the letters
 * that they resemble, pairs as the letter that they resemble.
 */
export function skeletonOf(slug: string): string {
  return slug
    .replaceAll('-', '')
    .replaceAll('0', 'o')
    .replaceAll('1', 'l')
    .replaceAll('5', 's')
    .replaceAll('vv', 'w')
    .replaceAll('rn', 'm');
}

/** Throws `validation_failed` for a slug that is the platform's own, or looks as if. Operators may give these. */
export function requireNoReservedSlug(slug: string): void {
  const words = slug.split('-').map(skeletonOf);
  // As a digit an i is mostly written 1, which reads as l everywhere else.
  const reads = (text: string) => text.replaceAll('l', 'i');
  const reserved = RESERVED.map(skeletonOf).find((word) =>
    [skeletonOf(slug), ...words].some((read) => reads(read) === reads(word)),
  );
  const isOurName = reads(skeletonOf(slug)).includes(reads('magistry'));
  if (reserved === undefined && !isOurName) return;
  const message = `${slug} reads as a name of the platform's own; choose one that says who you are`;
  const errors = [{ path: 'slug', code: 'reserved', message }];
  throw new ProblemError('validation_failed', `slug: ${message}.`, { errors });
}

/** The refusal of a slug that another partner has, or that looks like one's. */
export function slugTaken(slug: string): ProblemError {
  return new ProblemError(
    'conflict',
    `The slug ${slug} is taken by another partner, or looks like one that is. Choose another.`,
  );
}
