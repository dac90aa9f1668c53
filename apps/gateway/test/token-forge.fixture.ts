import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { CompactEncrypt, calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

export const ISSUER = 'https://magistry.test';
export const AUDIENCE = 'api.magistry.test';
export const SERVICE_ID = 'svc_01JZ0000000000000000000000';
const OTHER_ID = 'svc_01JZ0000000000000000000001';
const HOUR = 3_600;

type Members = Record<string, unknown>;

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64url');
const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** Makes tokens as identity does, and as everybody else would like to. */
export class TokenForge {
  private constructor(
    readonly kid: string,
    readonly publicJwk: JWK,
    private readonly privateKey: KeyObject,
    private readonly publicPem: string,
  ) {}

  static async open(): Promise<TokenForge> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const bare = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(bare);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return new TokenForge(kid, { ...bare, kid, alg: 'RS256', use: 'sig' }, privateKey, pem);
  }

  header(changed: Members = {}): Members {
    return { alg: 'RS256', typ: 'at+jwt', kid: this.kid, ...changed };
  }

  claims(changed: Members = {}): Members {
    const iat = nowSeconds();
    return {
      scope: '*',
      iss: ISSUER,
      aud: AUDIENCE,
      sub: SERVICE_ID,
      iat,
      exp: iat + HOUR,
      jti: randomUUID(),
      ...changed,
    };
  }

  /** With the true key, whatever it says; texts are signed as they are. */
  token(header: Members | string = this.header(), claims: Members | string = this.claims()): string {
    const signed = signedPart(header, claims);
    return `${signed}.${encode(sign('sha256', Buffer.from(signed), this.privateKey))}`;
  }

  without(claim: string): string {
    const claims = this.claims();
    delete claims[claim];
    return this.token(this.header(), claims);
  }

  /** Name and token of every forgery; none of them may open anything. */
  async forgeries(): Promise<[string, string][]> {
    return [
      ...this.unsigned(),
      ...this.foreignKeys(),
      ...this.wrongHeaders(),
      ...this.wrongClaims(),
      ...(await this.wrongForms()),
    ];
  }

  private unsigned(): [string, string][] {
    const spellings = ['none', 'None', 'NONE', 'nOnE', ' none', 'none ', '', 'null', 'RS256none'];
    const bare = spellings.flatMap((alg): [string, string][] => {
      const signed = signedPart(this.header({ alg }), this.claims());
      return [
        [`alg ${JSON.stringify(alg)} with the empty signature`, `${signed}.`],
        [`alg ${JSON.stringify(alg)} with a signature`, `${signed}.${encode('signature')}`],
        [`alg ${JSON.stringify(alg)} signed by the true key`, this.token(this.header({ alg }))],
      ];
    });
    const [head, body] = this.token().split('.');
    return [
      ...bare,
      ['alg null', this.token(this.header({ alg: null }))],
      ['alg as a list', this.token(this.header({ alg: ['RS256', 'none'] }))],
      ['no signature at all', `${head}.${body}`],
      ['the empty signature', `${head}.${body}.`],
    ];
  }

  private foreignKeys(): [string, string][] {
    const own = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const ownJwk = own.publicKey.export({ format: 'jwk' });
    const foreign = (header: Members, claims: Members = this.claims()) => {
      const signed = signedPart(header, claims);
      return `${signed}.${encode(sign('sha256', Buffer.from(signed), own.privateKey))}`;
    };
    const hmac = (algorithm: string, key: string) => {
      const signed = signedPart(this.header({ alg: `HS${algorithm}` }), this.claims());
      return `${signed}.${createHmac(`sha${algorithm}`, key).update(signed).digest('base64url')}`;
    };
    const publicJson = JSON.stringify(this.publicJwk);
    return [
      ...['256', '384', '512'].flatMap((algorithm): [string, string][] => [
        [`HS${algorithm} keyed by the public key in PEM`, hmac(algorithm, this.publicPem)],
        [`HS${algorithm} keyed by the trimmed PEM`, hmac(algorithm, this.publicPem.trim())],
        [`HS${algorithm} keyed by the public JWK`, hmac(algorithm, publicJson)],
        [`HS${algorithm} keyed by nothing`, hmac(algorithm, '')],
      ]),
      ['another key under the known kid', foreign(this.header())],
      ['another key, embedded as jwk', foreign(this.header({ jwk: ownJwk }))],
      ['another key behind jku', foreign(this.header({ jku: 'http://127.0.0.1:1/jwks.json' }))],
      ['another key behind x5u', foreign(this.header({ x5u: 'http://127.0.0.1:1/cert.pem' }))],
      ['another key in x5c', foreign(this.header({ x5c: [encode('certificate')] }))],
      ['another key under a kid of its own', foreign(this.header({ kid: 'k'.repeat(43) }))],
      ['the true key, with a jwk beside', this.token(this.header({ jwk: this.publicJwk }))],
      [
        'the true key, with a jku beside',
        this.token(this.header({ jku: `${ISSUER}/.well-known/jwks.json` })),
      ],
    ];
  }

  private wrongHeaders(): [string, string][] {
    const kids = [
      ...['../../../../dev/null', '/etc/passwd', 'file:///dev/null', `${this.kid}/../${this.kid}`],
      ...["' OR '1'='1", `${this.kid}' --`, "x'; DROP TABLE service_credential_key; --", '*', '%'],
      ...['identity.>', 'a b', '\u0000', `${this.kid}\u0000`, `${this.kid} `, '', 'k'.repeat(5_000)],
      ...['__proto__', 'constructor'],
    ];
    const wrong: [string, Members][] = [
      ...kids.map((kid): [string, Members] => [`kid ${JSON.stringify(kid).slice(0, 40)}`, { kid }]),
      ['kid as a number', { kid: 7 }],
      ['kid as an object', { kid: { $ne: '' } }],
      ['kid as a list', { kid: [this.kid] }],
      ['no kid', { kid: undefined }],
      ...['JWT', 'jwt', 'at+JWT', 'application/at+jwt', 'dpop+jwt', 'secevent+jwt', ''].map(
        (typ): [string, Members] => [`typ ${JSON.stringify(typ)}`, { typ }],
      ),
      ['no typ', { typ: undefined }],
      ...['RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'rs256'].map((alg): [string, Members] => [
        `alg ${alg} over an RS256 signature`,
        { alg },
      ]),
      ['crit', { crit: ['exp'] }],
      ['crit with an unknown extension', { crit: ['urn:x'], 'urn:x': true }],
      ['b64 false', { b64: false, crit: ['b64'] }],
      ['zip', { zip: 'DEF' }],
      ['cty JWT', { cty: 'JWT' }],
    ];
    return [
      ...wrong.map(([name, changed]): [string, string] => [name, this.token(this.header(changed))]),
      ['alg twice, the first none', this.token(`{"alg":"none",${textOf(this.header()).slice(1)}`)],
      ['alg twice, the last none', this.token(`${textOf(this.header()).slice(0, -1)},"alg":"none"}`)],
      ['kid twice', this.token(`{"kid":"${'k'.repeat(43)}",${textOf(this.header()).slice(1)}`)],
      ['a header that is no object', this.token('["RS256"]')],
      ['a header that is no JSON', this.token('{alg:RS256}')],
    ];
  }

  private wrongClaims(): [string, string][] {
    const now = nowSeconds();
    const wrong: [string, Members][] = [
      ['aud of another', { aud: 'api.other.io' }],
      ['aud as a list with ours', { aud: [AUDIENCE, 'api.other.io'] }],
      ['aud longer than ours', { aud: `${AUDIENCE}.evil` }],
      ['the empty aud', { aud: '' }],
      ['iss of another', { iss: 'https://evil.test' }],
      ['iss with a slash more', { iss: `${ISSUER}/` }],
      ['iss as a list', { iss: [ISSUER] }],
      ['sub of another credential', { sub: OTHER_ID }],
      ['sub of a key', { sub: 'key:1' }],
      ['sub of the platform', { sub: 'system:seed' }],
      ['exp as text', { exp: String(now + HOUR) }],
      ['exp as a date', { exp: new Date(Date.now() + HOUR * 1_000).toISOString() }],
      ['exp null', { exp: null }],
      ['exp true', { exp: true }],
      ['exp as a list', { exp: [now + HOUR] }],
      ['exp with a fraction', { exp: now + HOUR - 0.5 }],
      ['exp just past, beyond the skew', { iat: now - HOUR, exp: now - 31 }],
      ['exp below zero', { exp: -1 }],
      ['exp beyond an hour', { exp: now + HOUR + 1 }],
      ['exp in ten years', { exp: now + 10 * 365 * 24 * HOUR }],
      ['exp before iat', { iat: now + 20, exp: now + 10 }],
      ['iat in the future, beyond the skew', { iat: now + 60, exp: now + 120 }],
      ['iat as text', { iat: String(now) }],
      ['nbf in the future', { nbf: now + 600 }],
      ['nbf as text', { nbf: String(now) }],
      ['a claim that we never make', { admin: true }],
      ['scope as a list', { scope: ['*'] }],
      ['jti as a number', { jti: 1 }],
      ['maker_ids as text', { maker_ids: 'key:1' }],
      ['maker_ids of nobody', { maker_ids: [] }],
      ['a maker as a number', { maker_ids: [1] }],
    ];
    const claims = textOf(this.claims());
    const repeated = (name: string, value: unknown): [string, string] => [
      `${name} twice`,
      this.token(this.header(), `${claims.slice(0, -1)},"${name}":${JSON.stringify(value)}}`),
    ];
    return [
      ...wrong.map(([name, changed]): [string, string] => [
        name,
        this.token(this.header(), this.claims(changed)),
      ]),
      ...['exp', 'iat', 'iss', 'aud', 'sub', 'jti', 'scope'].map((claim): [string, string] => [
        `no ${claim}`,
        this.without(claim),
      ]),
      repeated('exp', now + HOUR),
      repeated('sub', SERVICE_ID),
      repeated('aud', AUDIENCE),
      ['exp as 1e400', this.token(this.header(), claims.replace(/"exp":\d+/, '"exp":1e400'))],
      ['exp as NaN', this.token(this.header(), claims.replace(/"exp":\d+/, '"exp":NaN'))],
      ['claims of a prototype', this.token(this.header(), `{"__proto__":${claims}}`)],
      ['claims that are a list', this.token(this.header(), `[${claims}]`)],
      ['claims that are no JSON', this.token(this.header(), 'not JSON')],
      ['claims behind a byte order mark', this.token(this.header(), `\ufeff${claims}`)],
    ];
  }

  private async wrongForms(): Promise<[string, string][]> {
    const good = this.token();
    const [head = '', body = '', signature = ''] = good.split('.');
    const encrypted = await new CompactEncrypt(Buffer.from(good))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(Buffer.alloc(32, 1));
    return [
      ['a truncated signature', `${head}.${body}.${signature.slice(0, -8)}`],
      ['a signature of one byte', `${head}.${body}.${encode('x')}`],
      ['a signature of zeros', `${head}.${body}.${encode(Buffer.alloc(256))}`],
      ['a signature with a byte more', `${head}.${body}.${signature}AA`],
      ['the signature of another token', `${head}.${body}.${this.token().split('.')[2]}`],
      ['four parts', `${good}.${signature}`],
      ['padding', `${head}=.${body}.${signature}`],
      [
        'base64 that is not of URLs',
        `${head}.${body}.${signature.replaceAll('-', '+').replaceAll('_', '/')}+`,
      ],
      ['a token in a token', this.token(this.header(), good)],
      ['an encrypted token', encrypted],
      ['ten thousand letters', `${head}.${'A'.repeat(10_000)}.${signature}`],
      ['ten thousand dots', '.'.repeat(10_000)],
      ['deep nesting', this.token(this.header(), '['.repeat(4_000))],
      ['only dots', '..'],
    ];
  }
}

function textOf(part: Members | string): string {
  return typeof part === 'string' ? part : JSON.stringify(part);
}

function signedPart(header: Members | string, claims: Members | string): string {
  return `${encode(textOf(header))}.${encode(textOf(claims))}`;
}
