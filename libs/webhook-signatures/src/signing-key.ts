import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

/** A key pair for `v1a` signatures: the public half is published under its `kid`. */
export interface SigningKey {
  readonly kid: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** PKCS #8, DER. */
  readonly privateKey: Buffer;
}

/** A public key as `/.well-known/webhook-keys.json` lists it (RFC 8037). */
export interface PublicKeyEntry {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly use: 'sig';
  readonly alg: 'EdDSA';
  readonly kid: string;
  /** The 32 bytes in base64url. */
  readonly x: string;
}

const KID_CHARACTERS = 16;

export function newSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const raw = Buffer.from(x, 'base64url');
  return {
    kid: createHash('sha256').update(raw).digest('base64url').slice(0, KID_CHARACTERS),
    publicKey: raw,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
  };
}

export function publicKeyEntry({ kid, publicKey }: Pick<SigningKey, 'kid' | 'publicKey'>): PublicKeyEntry {
  return { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid, x: publicKey.toString('base64url') };
}

/** Throws on bytes that are no Ed25519 key. */
export function openPrivateKey(privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
}

export function openPublicKey({ x }: Pick<PublicKeyEntry, 'x'>): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
