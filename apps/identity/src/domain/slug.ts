const SLUG = /^[a-z0-9](-?[a-z0-9])*$/;
const SLUG_LENGTH_MAX = 63;
// Leaves room for the number that tells two of one name apart.
const STEM_LENGTH_MAX = 52;

/**
 * Whether a text can name a workspace or a partner: words of a to z and 0 to 9 joined by single hyphens, at
 * most 63 characters, with at least one letter so that it is never taken for a numeric id.
 */
export function isSlug(text: string): boolean {
  return text.length <= SLUG_LENGTH_MAX && SLUG.test(text) && /[a-z]/.test(text);
}

/** The slug for a name: its letters and digits without accents; `workspace` where none can be kept. */
export function slugFrom(name: string): string {
  const words =
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const slug = words.join('-').slice(0, STEM_LENGTH_MAX).replace(/-$/, '');
  if (isSlug(slug)) return slug;
  return slug === '' ? 'workspace' : `workspace-${slug}`;
}

/** The stem itself, else the stem with the first free number from 2. */
export function firstFreeSlug(stem: string, taken: ReadonlySet<string>): string {
  let slug = stem;
  for (let number = 2; taken.has(slug); number += 1) slug = `${stem}-${number}`;
  return slug;
}
