const SCOPE = /^(\*|[a-z][a-z0-9-]*(:(\*|[a-z][a-z0-9-]*))?)$/;

export function isWellFormedScope(scope: string): boolean {
  return SCOPE.test(scope);
}

/**
 * Whether a credential's scopes allow an operation's scope (`resource:action`). `*`, `resource:*` and the
 * shorthands `read`, `write` and `delete` (that action on every resource) expand; everything else is denied.
 */
export function allows(held: readonly string[], needed: string): boolean {
  const [resource, action] = needed.split(':');
  return held.some(
    (scope) => scope === needed || scope === '*' || scope === `${resource}:*` || scope === action,
  );
}

/**
 * Whether somebody who holds these scopes may hand out one, shorthands included. Stricter than `allows`, which
 * would read the granted shorthand `read` as a resource of that name.
 */
export function covers(held: readonly string[], granted: string): boolean {
  const [resource, action] = granted.split(':');
  return held.some(
    (scope) =>
      scope === granted ||
      scope === '*' ||
      (action !== undefined && (scope === `${resource}:*` || scope === action)),
  );
}
