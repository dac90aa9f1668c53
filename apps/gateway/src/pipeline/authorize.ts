import { allows, isGivenByName } from '@magistry/access';
import { ProblemError } from '@magistry/errors';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

/** Refuses a key without the operation's scope before its body is read. */
export const authorize: Stage = (exchange) => {
  // A partner's scopes depend on the workspace, which its body may name.
  if (!exchange.credential.isPartner) requireScope(exchange);
};

/** The same for a partner, with the scopes of its install. */
export const authorizeInWorkspace: Stage = (exchange) => {
  if (exchange.credential.isPartner) requireScope(exchange);
};

function requireScope({ operation, principal }: Exchange): void {
  if (allows(principal.scopes, operation.scope)) return;
  const byName = isGivenByName(operation.scope) ? ', by name: no shorthand such as write gives it' : '';
  throw new ProblemError(
    'access_denied',
    `Insufficient permissions. Required scope: ${operation.scope}${byName}`,
  );
}
