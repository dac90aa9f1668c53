import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Clock } from '../domain/clock.js';
import { sha256 } from '../domain/oauth/token-form.js';
import type { OAuthClientStore } from '../storage/oauth-client-store.js';
import type { OAuthRecordStore, Payload } from '../storage/oauth-record-store.js';
import type { AccessTokenKind, OAuthTokenStore } from '../storage/oauth-token-store.js';
import type { InitialAccess } from './initial-access.js';
import type { RefreshTokens } from './refresh-tokens.js';
import type { Revocations } from './revocations.js';

export interface AdapterParts {
  readonly records: OAuthRecordStore;
  readonly clients: OAuthClientStore;
  readonly tokens: OAuthTokenStore;
  readonly refreshTokens: RefreshTokens;
  readonly revocations: Revocations;
  readonly initialAccess: InitialAccess;
  readonly clock: Clock;
}

/** Where oidc-provider keeps each of its models. What opens something is never kept as it is. */
export function adapterFor(model: string, parts: AdapterParts): Adapter {
  switch (model) {
    case 'AccessToken':
    case 'ClientCredentials':
      return new AccessTokenAdapter(model, parts);
    case 'RefreshToken':
      return new RefreshTokenAdapter(parts);
    case 'Grant':
      return new GrantAdapter(parts);
    case 'Client':
      return new ClientAdapter(parts);
    case 'InitialAccessToken':
      return new InitialAccessAdapter(parts);
    case 'ReplayDetection':
      return new ReplayAdapter(model, parts);
    default:
      return new RecordAdapter(model, parts);
  }
}

/** Everything that a model does not need. */
class NothingKept implements Adapter {
  async upsert(_id: string, _payload?: AdapterPayload, _expiresInSeconds?: number): Promise<void> {
    throw new Error('this model is not written by the provider');
  }
  async find(_id: string): Promise<AdapterPayload | undefined> {
    return undefined;
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
  async findByUid(_uid: string): Promise<AdapterPayload | undefined> {
    return undefined;
  }
  async consume(_id: string): Promise<void> {}
  async destroy(_id: string): Promise<void> {}
  async revokeByGrantId(_grantId: string): Promise<void> {}
}

/** Logins, interactions, codes and pushed requests. */
class RecordAdapter extends NothingKept {
  constructor(
    protected readonly kind: string,
    protected readonly parts: AdapterParts,
  ) {
    super();
  }

  override async upsert(id: string, payload?: AdapterPayload, expiresInSeconds?: number): Promise<void> {
    const { clock, records } = this.parts;
    await records.save(this.kind, id, atRest(payload), expiry(clock, expiresInSeconds));
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    return named(id, await this.parts.records.find(this.kind, id));
  }

  override findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.parts.records.findByUid(this.kind, uid);
  }

  /** oidc-provider looks first and consumes later: of many who have looked, only one gets past this. */
  override async consume(id: string): Promise<void> {
    const { records, revocations, clock } = this.parts;
    if (await records.consume(this.kind, id, new Date(clock.now()))) return;
    const used = await records.find(this.kind, id);
    if (typeof used?.['grantId'] === 'string') await revocations.end(used['grantId'], 'code_reused');
    throw new errors.InvalidGrant(`${this.kind} already consumed`);
  }

  override async destroy(id: string): Promise<void> {
    await this.parts.records.remove(this.kind, id);
  }

  override async revokeByGrantId(grantId: string): Promise<void> {
    await endFamily(this.parts, grantId);
  }
}

/** Proofs and assertions count once, also when two bring the same at the same time. */
class ReplayAdapter extends RecordAdapter {
  override async upsert(id: string, payload?: AdapterPayload, expiresInSeconds = 0): Promise<void> {
    const { clock, records } = this.parts;
    const expiresAt = new Date(clock.now() + expiresInSeconds * 1_000);
    if (await records.saveOnce(this.kind, id, atRest(payload), expiresAt)) return;
    throw new errors.InvalidGrant('the proof or assertion has been used before');
  }
}

class AccessTokenAdapter extends NothingKept {
  constructor(
    private readonly kind: AccessTokenKind,
    private readonly parts: AdapterParts,
  ) {
    super();
  }

  override async upsert(id: string, payload?: AdapterPayload, expiresInSeconds = 0): Promise<void> {
    const expiresAt = new Date(this.parts.clock.now() + expiresInSeconds * 1_000);
    await this.parts.tokens.save(this.kind, id, atRest(payload), expiresAt);
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    return named(id, await this.parts.tokens.find(this.kind, id));
  }

  override async destroy(id: string): Promise<void> {
    await this.parts.revocations.endAccessToken(id);
  }

  override async revokeByGrantId(grantId: string): Promise<void> {
    await endFamily(this.parts, grantId);
  }
}

class RefreshTokenAdapter extends NothingKept {
  constructor(private readonly parts: AdapterParts) {
    super();
  }

  override async upsert(id: string, payload?: AdapterPayload, expiresInSeconds = 0): Promise<void> {
    await this.parts.refreshTokens.save(id, atRest(payload), expiresInSeconds);
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    return named(id, await this.parts.refreshTokens.find(id));
  }

  override async revokeByGrantId(grantId: string): Promise<void> {
    await endFamily(this.parts, grantId);
  }
}

/** Grants are made by consent (`authorizations.ts`) and never changed. */
class GrantAdapter extends NothingKept {
  constructor(private readonly parts: AdapterParts) {
    super();
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    return named(id, await this.parts.revocations.findLiving(id));
  }

  override async destroy(id: string): Promise<void> {
    await this.parts.revocations.end(id, 'revoked');
  }
}

class ClientAdapter extends NothingKept {
  constructor(private readonly parts: AdapterParts) {
    super();
  }

  override async upsert(clientId: string, payload?: AdapterPayload): Promise<void> {
    const { client_secret: secret, maker_ids: makerIds, ...metadata } = { ...payload } as Payload;
    await this.parts.clients.save(
      {
        clientId,
        workspaceId: Number(metadata['workspace_id']),
        registeredBy: String(metadata['registered_by']),
        makerIds: makerIds as string[] | undefined,
        metadata,
        secretSha256: typeof secret === 'string' ? sha256(secret) : null,
      },
      this.parts.clock.second(),
    );
  }

  /** In the secret's place stands its hash: `provider.ts` compares by it. */
  override async find(clientId: string): Promise<AdapterPayload | undefined> {
    const client = await this.parts.clients.find(clientId);
    if (!client) return undefined;
    const { metadata, secretSha256 } = client;
    return { ...metadata, ...(secretSha256 && { client_secret: secretSha256.toString('base64url') }) };
  }
}

class InitialAccessAdapter extends NothingKept {
  constructor(private readonly parts: AdapterParts) {
    super();
  }

  override async find(credential: string): Promise<AdapterPayload | undefined> {
    return this.parts.initialAccess.find(credential);
  }
}

/** oidc-provider would end a family also for an access token that is revoked; that one ends by itself alone. */
async function endFamily({ revocations }: AdapterParts, grantId: string): Promise<void> {
  const request = Provider.ctx?.oidc;
  if (request?.route === 'revocation' && request.entities.AccessToken) return;
  await revocations.end(grantId, 'revoked');
}

/** `jti` is the very token, or the cookie of a login. */
function atRest(payload: AdapterPayload | undefined): Payload {
  const { jti: _, ...kept } = { ...payload } as Payload;
  return kept;
}

function named(id: string, payload: Payload | undefined): AdapterPayload | undefined {
  return payload && { ...payload, jti: id };
}

function expiry(clock: Clock, expiresInSeconds: number | undefined): Date | null {
  return expiresInSeconds === undefined ? null : new Date(clock.now() + expiresInSeconds * 1_000);
}
