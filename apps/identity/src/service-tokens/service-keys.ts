import { createHmac } from 'node:crypto';
import { SERVICE_TOKEN_SECONDS, SERVICE_TOKEN_TYPE } from '@magistry/contracts';
import { AnswerSeal } from '@magistry/idempotency';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { ulid } from 'ulid';

const ALGORITHM = 'RS256';

/** Whose key it is: the private half opens for this credential alone. */
export interface KeyOwner {
  readonly workspaceId: number;
  readonly serviceCredentialId: string;
}

/** A key as it is stored. */
export interface ServiceKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly sealedPrivateJwk: Buffer;
}

export interface TokenSettings {
  /** Who we are to whoever verifies: the public address. */
  readonly issuer: string;
  /** Whom the tokens are for. */
  readonly audience: string;
}

/** What a token says of whoever presents it. */
export interface TokenGrant {
  readonly scopes: readonly string[];
  /** Principals that stand behind it, whoever stands behind its credential included. */
  readonly makerIds: readonly string[];
}

export interface MintedToken {
  readonly token: string;
  readonly id: string;
  readonly expiresAt: Date;
}

/** Makes the keys of service credentials, keeps their private halves sealed, and signs tokens with them. */
export class ServiceKeys {
  private readonly seal: AnswerSeal;

  constructor(
    sealingSecret: string,
    private readonly settings: TokenSettings,
  ) {
    const secret = createHmac('sha256', sealingSecret).update('keys of service credentials').digest('hex');
    this.seal = new AnswerSeal(secret);
  }

  /** Off the event loop: it takes some hundred milliseconds of work. */
  async make(owner: KeyOwner): Promise<ServiceKey> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const bare = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(bare);
    const privateJwk = Buffer.from(JSON.stringify(await exportJWK(privateKey)));
    return {
      kid,
      publicJwk: { ...bare, kid, alg: ALGORITHM, use: 'sig' },
      sealedPrivateJwk: this.seal.seal(sealOwner(owner), kid, privateJwk),
    };
  }

  async sign(
    owner: KeyOwner,
    key: Pick<ServiceKey, 'kid' | 'sealedPrivateJwk'>,
    { scopes, makerIds }: TokenGrant,
    now: Date,
  ): Promise<MintedToken> {
    const opened = this.seal.open(sealOwner(owner), key.kid, key.sealedPrivateJwk);
    const privateKey = await importJWK(JSON.parse(opened.toString()) as JWK, ALGORITHM);
    const issuedAt = Math.floor(now.getTime() / 1_000);
    const expiresAt = issuedAt + SERVICE_TOKEN_SECONDS;
    const id = `jti_${ulid(now.getTime())}`;
    const token = await new SignJWT({
      scope: scopes.join(' '),
      ...(makerIds.length > 0 && { maker_ids: makerIds }),
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: SERVICE_TOKEN_TYPE, kid: key.kid })
      .setIssuer(this.settings.issuer)
      .setAudience(this.settings.audience)
      .setSubject(owner.serviceCredentialId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .setJti(id)
      .sign(privateKey);
    return { token, id, expiresAt: new Date(expiresAt * 1_000) };
  }
}

function sealOwner({ workspaceId, serviceCredentialId }: KeyOwner) {
  return { workspaceId, principalId: serviceCredentialId };
}
