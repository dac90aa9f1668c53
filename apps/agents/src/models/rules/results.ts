const ROWS_MAX = 5;

/** What tools gave, in words. */
export function sayResults(given: readonly string[]): string {
  return given.map(sayResult).join(' ');
}

function sayResult(json: string): string {
  const value = parsed(json);
  if (typeof value !== 'object' || value === null) return `The answer is ${json}.`;
  if ('error' in value) return `That did not work: ${String(value.error)}.`;
  const rows = Object.values(value).find(Array.isArray) as unknown[] | undefined;
  if (!rows) return `I found this: ${sayMembers(value)}.`;
  if (rows.length === 0) return 'I found nothing.';
  const shown = rows
    .slice(0, ROWS_MAX)
    .map((row) => (typeof row === 'object' && row ? sayMembers(row) : String(row)));
  const count = rows.length === 1 ? '1 entry' : `${rows.length} entries`;
  return `I found ${count}: ${shown.join('; ')}${rows.length > ROWS_MAX ? '; and more' : ''}.`;
}

function sayMembers(value: object): string {
  return Object.entries(value)
    .filter(([, member]) => typeof member === 'string' || typeof member === 'number')
    .map(([name, member]) => `${name.replaceAll('_', ' ')} ${member}`)
    .join(', ');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
