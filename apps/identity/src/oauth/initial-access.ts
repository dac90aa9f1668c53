import { covers, parseApiKey } from '@magistry/access';
import { Injectable } from '@nestjs/common';
import { type AdapterPayload, type ClientMetadata, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Credential, isUsable } from '../domain/credential.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { type PartnerPrincipal, partnerActor, principalId } from '../domain/principal.js';
import { CredentialStore } from '../storage/credential-store.js';
import { PartnerStore } from '../storage/partner-store.js';
import { OPENID_SCOPES } from './scopes.js';

type PartnersKey = PartnerPrincipal & Pick<Credential, 'makerIds'>;

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
    if (!(await this.partnersKey(credential))) return undefined;
    return { kind: 'InitialAccessToken', jti: credential, policies: [PARTNER_POLICY] };
  }

  /** Makes the application its partner's, whatever it says of itself. */
  async claim(context: KoaContextWithOIDC, metadata: ClientMetadata): Promise<void> {
    const key = await this.partnersKey(String(context.oidc.entities.InitialAccessToken?.jti));
    const partner = key && (await this.partners.findApproved(key.partnerSlug));
    if (!partner) throw new errors.InvalidToken('the partner is not approved');
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
    metadata['registered_by'] = partnerActor(key.partnerSlug);
    metadata['maker_ids'] = makersOf({ id: principalId(key), makerIds: key.makerIds });
  }

  private async partnersKey(credential: string): Promise<PartnersKey | undefined> {
    const presented = parseApiKey(credential);
    const stored = presented && (await this.credentials.find(presented));
    if (!stored || !this.hasher.matches(presented.secret, stored)) return undefined;
    const { partner, isTest, makerIds } = stored.credential;
    if (!partner || !isUsable(stored.credential, new Date())) return undefined;
    return { partnerSlug: partner.slug, isTest, makerIds };
  }
}

/** Shorthands are for keys: an application names each scope, so that consent can tell it in words. */
function isSingle(scope: string): boolean {
  return /^[a-z-]+:[a-z-]+$/.test(scope);
}
