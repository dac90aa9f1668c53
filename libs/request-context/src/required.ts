import type { Principal, RequestContext, Workspace } from '@magistry/contracts';

/** The gateway always fills these; a request without them is a bug of the caller, not of a client. */
export function principalOf(context: RequestContext): Principal {
  if (!context.principal) throw new Error(`request ${context.requestId} carries no principal`);
  return context.principal;
}

export function workspaceOf(context: RequestContext): Workspace {
  if (!context.workspace) throw new Error(`request ${context.requestId} carries no workspace`);
  return context.workspace;
}
