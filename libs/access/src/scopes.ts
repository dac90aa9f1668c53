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
