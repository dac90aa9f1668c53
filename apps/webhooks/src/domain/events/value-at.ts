/** The value at a path of names such as `data.agent`; undefined where it leads nowhere. Arrays have no names. */
export function valueAt(root: unknown, path: string): unknown {
  let found = root;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    if (!Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

const KEY_LENGTH_MAX = 200;

/** The value that orders deliveries: texts, numbers and truth values as text; without one there is no order. */
export function orderingKeyOf(body: unknown, path: string | null): string | null {
  const found = path === null ? undefined : valueAt(body, path);
  if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return null;
  // NUL cannot be stored by Postgres.
  return String(found).replaceAll('\0', '').slice(0, KEY_LENGTH_MAX);
}
