import { covers, parseApiKey } from '@magistry/access';
import { Injectable } from '@nestjs/common';
import { type AdapterPayload, type ClientMetadata, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { isUsable } from '../domain/credential.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { partnerActor } from '../domain/principal.js';
import { CredentialStore } from '../storage/credential-store.js';
import { PartnerStore } from '../storage/partner-store.js';
import { OPENID_SCOPES } from './scopes.js';

/** The one policy of registrations: an application is its partner's, and asks for no more than its partner may. */
export const PARTNER_POLICY = 'partner';

/** Who may register applications: whoever holds a partner's key. */
@Injectable()
export class InitialAccess {
  constructor(
    private readonly credentials: CredentialStore,
    private readonly partners: PartnerStore,
    private readonly hasher: KeyHasher,
  ) {}

  async find(credential: string): Promise<AdapterPayload | undefined> {
    if ((await this.partnerSlugOf(credential)) === undefined) return undefined;
    return { kind: 'InitialAccessToken', jti: credential, policies: [PARTNER_POLICY] };
  }

  /** Makes the application its partner's, whatever it says of itself. */
  async claim(context: KoaContextWithOIDC, metadata: ClientMetadata): Promise<void> {
    const slug = await this.partnerSlugOf(String(context.oidc.entities.InitialAccessToken?.jti));
    const partner = slug === undefined ? undefined : await this.partners.findApproved(slug);
    if (slug === undefined || !partner) throw new errors.InvalidToken('the partner is not approved');
    const asked = metadata.scope ?? [...OPENID_SCOPES, ...partner.scopes.filter(isSingle)].join(' ');
    const extra = asked
      .split(' ')
      .find((scope) => !OPENID_SCOPES.includes(scope) && !covers(partner.scopes, scope));
    if (extra !== undefined) {
      throw new errors.InvalidClientMetadata(
        `scope ${extra} is not among what the partner asks of workspaces`,
      );
    }
    metadata.scope = asked;
    metadata['workspace_id'] = partner.workspaceId;
    metadata['registered_by'] = partnerActor(slug);
  }

  private async partnerSlugOf(credential: string): Promise<string | undefined> {
    const presented = parseApiKey(credential);
    const stored = presented && (await this.credentials.find(presented));
    if (!stored || !this.hasher.matches(presented.secret, stored)) return undefined;
    return isUsable(stored.credential, new Date()) ? stored.credential.partner?.slug : undefined;
  }
}

/** Shorthands are for keys: an application names each scope, so that consent can tell it in words. */
function isSingle(scope: string): boolean {
  return /^[a-z-]+:[a-z-]+$/.test(scope);
}
