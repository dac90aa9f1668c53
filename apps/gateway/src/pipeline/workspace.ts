import { allows } from '@magistry/access';
import { identity, type Workspace } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type CredentialDirectory, noSuchWorkspace } from '../identity/credential-directory.js';
import type { Exchange } from './exchange.js';
import type { Stage } from './stage.js';

const { scope: WORKSPACE_MAKING_SCOPE } = identity.openWorkspace;

/** A workspace's id or slug; anything else names none and is not worth a question. */
const SELECTOR = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Where the request acts: where the body's `tenant` or X-Workspace-ID says, else in the credential's own workspace.
 * A key may name one that it made, a partner one that installed it. A body that names an actor must name the caller.
 */
export function chooseWorkspace(directory: CredentialDirectory): Stage {
  return (exchange) => {
    const { credential } = exchange;
    requireOwnActor(exchange);
    const tenant = member(exchange.json, 'tenant');
    const header = exchange.header('x-workspace-id');
    if (credential.isPartner) return enterInstall(directory, exchange, tenant, header);
    if (!credential.workspace) throw new Error('identity resolved a key without its workspace');
    if (names(credential.workspace, tenant) && names(credential.workspace, header)) {
      return exchange.actIn(credential.workspace, credential.principal);
    }
    return enterOwnMake(directory, exchange, tenant, header);
  };
}

/** A workspace that the key has made, which takes that it still may make them. */
async function enterOwnMake(
  directory: CredentialDirectory,
  exchange: Exchange,
  tenant: string | undefined,
  header: string | undefined,
): Promise<void> {
  const { principal } = exchange.credential;
  const selector = tenant ?? header ?? '';
  if (!SELECTOR.test(selector) || !allows(principal.scopes, WORKSPACE_MAKING_SCOPE)) throw noSuchWorkspace();
  const admission = await directory.admit(principal, selector);
  requireSame(admission.workspace, header, noSuchWorkspace);
  exchange.actIn(admission.workspace, admission.principal);
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
  if (!names(workspace, selector)) throw refusal();
}

/** No selector names every workspace. */
function names({ id, slug }: Workspace, selector: string | undefined): boolean {
  return selector === undefined || selector === slug || selector === String(id);
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
