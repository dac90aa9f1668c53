import { hash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import {
  identity,
  type Principal,
  PrincipalSchema,
  type ResolvedWorkspace,
  type Workspace,
  WorkspaceSchema,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';
import type { Logger } from '@magistry/telemetry';
import { KeyUses } from './key-uses.js';
import { LookupCache } from './lookup-cache.js';
import { lookupContext } from './lookup-context.js';
import { unauthorized } from './presented-credential.js';
import { looksLikeServiceToken } from './service-token-form.js';
import { ServiceTokens } from './service-tokens.js';

/** Within this a revoked key or a withdrawn install is dead (design: api.md section 2). */
const KEPT_MS = 5_000;
const ENTRIES_MAX = 10_000;

export interface KnownCredential {
  readonly principal: Principal;
  /** Of a partner key: the workspace it is installed in when there is exactly one. */
  readonly workspace: Workspace | undefined;
  readonly isPartner: boolean;
  /** The version it is pinned to; empty without a pin. */
  readonly apiVersion: string;
  /** Of the key, else of its workspace; decides its limit on `/api/v1`. */
  readonly tier: string;
  /** Requests a minute instead of the tier's; 0 for none. */
  readonly limitPerMinute: number;
  /** Unix milliseconds; 0 when it never expires. */
  readonly expiresUnixMs: number;
  /** 0 for what is no key. */
  readonly apiKeyId: number;
  /** Of a service token: the credential that it is of. */
  readonly serviceCredentialId?: string;
  /** Of the DPoP key that it is bound to; empty when it is bound to none. */
  readonly dpopThumbprint: string;
  /** It has a successor, and works until it expires. */
  readonly isRotated: boolean;
}

/** A workspace that a partner may act in, and as whom: an install can narrow the scopes. */
export interface Admission {
  readonly workspace: Workspace;
  readonly principal: Principal;
}

/** Asks identity who a credential is and where it may act. When identity cannot tell, nobody gets in. */
export class CredentialDirectory {
  private readonly credentials = new LookupCache<KnownCredential>({
    refusal: 'unauthorized',
    ttlMs: KEPT_MS,
    entriesMax: ENTRIES_MAX,
  });
  private readonly admissions = new LookupCache<Admission>({
    refusal: 'not_found',
    ttlMs: KEPT_MS,
    entriesMax: ENTRIES_MAX,
  });

  private readonly serviceTokens: ServiceTokens;

  /** When which key was used, told to identity every few seconds. */
  readonly uses: KeyUses;

  constructor(
    private readonly caller: Caller,
    private readonly logger: Logger,
    /** What tokens of service credentials must say. */
    tokens: { readonly issuer: string; readonly audience: string },
  ) {
    this.serviceTokens = new ServiceTokens(caller, { ...tokens, keptMs: KEPT_MS });
    this.uses = new KeyUses(caller, logger);
  }

  /** What was looked up before counts no more: a key was revoked, a workspace deleted, an install changed. */
  forget(): void {
    this.credentials.forget();
    this.admissions.forget();
    this.serviceTokens.forget();
  }

  /** Refuses with `unauthorized`, or `service_unavailable` while identity is away. */
  identify(credential: string): KnownCredential | Promise<KnownCredential> {
    const key = hash('sha256', credential, 'base64');
    return this.credentials.lookUp(key, () =>
      looksLikeServiceToken(credential)
        ? this.verifyServiceToken(credential)
        : this.resolveCredential(credential),
    );
  }

  /** Refuses with `not_found`, or `service_unavailable` while identity is away. */
  admit(principal: Principal, selector: string): Admission | Promise<Admission> {
    // Keys of one principal have other makers where somebody else turned one of them over.
    const { id, makerIds } = principal;
    const key = makerIds.length === 0 ? `${id} ${selector}` : `${id} ${makerIds.join()} ${selector}`;
    return this.admissions.lookUp(key, () => this.resolveWorkspace(principal, selector));
  }

  private async verifyServiceToken(token: string): Promise<KnownCredential> {
    const { key, expiresUnixMs, makerIds } = await this.serviceTokens
      .verify(token)
      .catch((error) => this.closeOn(error, unauthorized()));
    const { serviceCredentialId: id, scopes, workspace } = key;
    return {
      principal: create(PrincipalSchema, { id, actor: id, scopes: [...scopes], makerIds: [...makerIds] }),
      workspace: workspaceOf(workspace),
      ...{ isPartner: false, apiVersion: '', limitPerMinute: 0, apiKeyId: 0, isRotated: false },
      ...{ tier: workspace.tier, expiresUnixMs, serviceCredentialId: id, dpopThumbprint: '' },
    };
  }

  private async resolveCredential(credential: string): Promise<KnownCredential> {
    const found = await this.caller
      .call(identity.resolveCredential, { credential }, lookupContext())
      .catch((error) => this.closeOn(error, unauthorized()));
    const { principalId: id, actor, scopes, makerIds } = found;
    return {
      principal: create(PrincipalSchema, { id, actor, scopes, makerIds }),
      workspace: found.workspace && workspaceOf(found.workspace),
      isPartner: found.isPartner,
      apiVersion: found.apiVersion,
      tier: found.tier,
      limitPerMinute: found.limitPerMinute,
      expiresUnixMs: found.expiresUnixMs,
      apiKeyId: found.apiKeyId,
      dpopThumbprint: found.dpopThumbprint,
      isRotated: found.isRotated,
    };
  }

  private async resolveWorkspace(principal: Principal, selector: string): Promise<Admission> {
    const { id, actor, makerIds } = principal;
    const found = await this.caller
      .call(identity.resolveWorkspace, { principalId: id, selector }, lookupContext())
      .catch((error) => this.closeOn(error, noSuchWorkspace()));
    if (!found.workspace) throw new Error('identity resolved a workspace without naming it');
    return {
      workspace: workspaceOf(found.workspace),
      principal: create(PrincipalSchema, { id, actor, scopes: found.scopes, makerIds }),
    };
  }

  private closeOn(error: unknown, refusal: ProblemError): never {
    if (error instanceof ProblemError && error.code === refusal.code) throw refusal;
    this.logger.warn({ error }, 'identity did not answer a look-up');
    throw new ProblemError(
      'service_unavailable',
      'Credentials cannot be checked right now; nothing ran. Retry shortly.',
      { retryAfterSeconds: 1 },
    );
  }
}

export function noSuchWorkspace(): ProblemError {
  return new ProblemError('not_found', 'There is no such workspace, or this credential may not act in it.');
}

function workspaceOf({ id, slug, tier, isSandbox }: ResolvedWorkspace): Workspace {
  return create(WorkspaceSchema, { id, slug, tier, isSandbox });
}
