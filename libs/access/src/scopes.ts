import { SCOPES_BY_NAME } from '@magistry/contracts';

const SCOPE = /^(\*|[a-z][a-z0-9-]*(:(\*|[a-z][a-z0-9-]*))?)$/;

export function isWellFormedScope(scope: string): boolean {
  return SCOPE.test(scope);
}

/** Whether no shorthand gives it: it limits whoever would hold it. */
export function isGivenByName(scope: string): boolean {
  return SCOPES_BY_NAME.includes(scope);
}

/**
 * Whether a credential's scopes allow an operation's scope (`resource:action`). `*`, `resource:*` and the
 * shorthands `read`, `write` and `delete` (that action on every resource but for what is given by name) expand;
 * everything else is denied.
 */
export function allows(held: readonly string[], needed: string): boolean {
  const [resource, action] = needed.split(':');
  const shorthand = isGivenByName(needed) ? undefined : action;
  return held.some(
    (scope) => scope === needed || scope === '*' || scope === `${resource}:*` || scope === shorthand,
  );
}

/**
 * Whether somebody who holds these scopes may hand out one, shorthands included. Stricter than `allows`, which
 * would read the granted shorthand `read` as a resource of that name.
 */
export function covers(held: readonly string[], granted: string): boolean {
  const [resource, action] = granted.split(':');
  const shorthand = isGivenByName(granted) ? undefined : action;
  return held.some(
    (scope) =>
      scope === granted ||
      scope === '*' ||
      (action !== undefined && (scope === `${resource}:*` || scope === shorthand)),
  );
}

/**
 * What both lists allow, in as few scopes as it takes: `write` within `decisions:*` is `decisions:write`. For a
 * credential that may do no more than whoever stands behind it.
 */
export function narrowed(scopes: readonly string[], limit: readonly string[]): string[] {
  const met = scopes.flatMap((scope) => limit.flatMap((other) => meet(scope, other)));
  const distinct = [...new Set(met)];
  return distinct.filter((scope) => !distinct.some((other) => other !== scope && covers([other], scope)));
}

function meet(one: string, other: string): string[] {
  const [first, second] = [partsOf(one), partsOf(other)];
  const resource = both(first.resource, second.resource);
  const action = both(first.action, second.action);
  if (resource === undefined || action === undefined) return [];
  if (resource === '*') return [action];
  const scope = `${resource}:${action}`;
  return [one, other].every((side) => allows([side], scope)) ? [scope] : [];
}

function both(one: string, other: string): string | undefined {
  if (one === other || other === '*') return one;
  return one === '*' ? other : undefined;
}

function partsOf(scope: string): { resource: string; action: string } {
  const [first = '', second] = scope.split(':');
  return second === undefined ? { resource: '*', action: first } : { resource: first, action: second };
}
