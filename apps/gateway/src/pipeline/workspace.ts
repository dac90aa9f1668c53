import type { Workspace } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type CredentialDirectory, noSuchWorkspace } from '../identity/credential-directory.js';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

/** A workspace's id or slug; anything else names none and is not worth a question. */
const SELECTOR = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Where the request acts. A key acts in its own workspace; a partner key where the body's `tenant` or
 * X-Workspace-ID says, else in its only install. A body that names an actor must name the caller.
 */
export function chooseWorkspace(directory: CredentialDirectory): Stage {
  return (exchange) => {
    const { credential } = exchange;
    requireOwnActor(exchange);
    const tenant = member(exchange.json, 'tenant');
    const header = exchange.header('x-workspace-id');
    if (!credential.isPartner) {
      if (!credential.workspace) throw new Error('identity resolved a key without its workspace');
      requireSame(credential.workspace, tenant, noSuchWorkspace);
      requireSame(credential.workspace, header, noSuchWorkspace);
      return exchange.actIn(credential.workspace, credential.principal);
    }
    return enterInstall(directory, exchange, tenant, header);
  };
}

async function enterInstall(
  directory: CredentialDirectory,
  exchange: Exchange,
  tenant: string | undefined,
  header: string | undefined,
): Promise<void> {
  const { principal, workspace: onlyInstall } = exchange.credential;
  const selector = tenant ?? header ?? onlyInstall?.slug;
  if (selector === undefined) throw ambiguous('Say which workspace to act in.');
  if (!SELECTOR.test(selector)) throw noSuchWorkspace();
  const admission = await directory.admit(principal, selector);
  requireSame(admission.workspace, header, () =>
    ambiguous('tenant and X-Workspace-ID name different workspaces.'),
  );
  exchange.actIn(admission.workspace, admission.principal);
}

function requireSame(workspace: Workspace, selector: string | undefined, refusal: () => ProblemError): void {
  if (selector === undefined || selector === workspace.slug || selector === String(workspace.id)) return;
  throw refusal();
}

function ambiguous(message: string): ProblemError {
  const mend = 'give the id or slug of one workspace that installed you, here or as X-Workspace-ID';
  return new ProblemError('validation_failed', message, {
    errors: [{ path: 'tenant', code: 'workspace_ambiguous', message: mend }],
  });
}

function requireOwnActor({ json, credential: { principal } }: Exchange): void {
  const actor = member(json, 'actor');
  if (actor === undefined || actor === principal.actor) return;
  throw new ProblemError('access_denied', `This credential acts as ${principal.actor} and as nobody else.`);
}

/** A text member of a JSON object; whatever else stands there is the service's to refuse. */
function member(json: unknown, name: string): string | undefined {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined;
  const value = (json as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
