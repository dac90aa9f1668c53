import { createHash, hash, randomBytes, randomUUID } from 'node:crypto';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { CALLBACK, SECRETS, SUBJECT_ISSUER, type Subject } from './oauth-subject.fixture.js';

const STEPS_MAX = 10;

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: cases read whatever the body holds
  readonly json: any;
}

/** Where an authorization request ended: at the application, or on a page of the server's. */
export interface Ended {
  readonly at: URL | undefined;
  readonly page: Told | undefined;
}

type Form = Record<string, string | undefined>;

/** One person with one browser, and the applications' back channel. */
export class Exchange {
  readonly verifier = randomBytes(32).toString('base64url');
  private readonly cookies = new Map<string, string>();

  constructor(readonly subject: Subject) {}

  /** A well-formed request of an application; a member that is undefined is left out. */
  request(changed: Form = {}): Record<string, string> {
    const usual = {
      ...{
        client_id: 'web',
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid',
        state: 'a-state',
      },
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    return given({ ...usual, ...changed });
  }

  async authorize(parameters: Record<string, string>): Promise<Ended> {
    let next = `${SUBJECT_ISSUER}/oauth/authorize?${new URLSearchParams(parameters)}`;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const answer = await this.open(next);
      const location = answer.headers.get('location');
      if (location === null) return { at: undefined, page: answer };
      const target = new URL(location, SUBJECT_ISSUER);
      if (target.origin !== SUBJECT_ISSUER) return { at: target, page: undefined };
      const [, uid] = /^\/oauth\/interaction\/([^/]+)$/.exec(target.pathname) ?? [];
      next = uid === undefined ? target.href : await this.subject.interact(uid);
    }
    throw new Error('the authorization never ends');
  }

  async code(changed: Form = {}): Promise<string> {
    const { at, page } = await this.authorize(this.request(changed));
    const code = at?.searchParams.get('code');
    if (!code) throw new Error(`no code: ${at ?? page?.text}`);
    return code;
  }

  /** Redeems a code, as `web` unless the form says otherwise. */
  redeem(code: string, changed: Form = {}, headers: Record<string, string> = {}): Promise<Told> {
    const usual = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: this.verifier,
    };
    return this.post('/oauth/token', { ...usual, ...changed }, headers);
  }

  /** As the client that the form names, by the method that it is registered for; `client_secret` may be wrong. */
  post(path: string, form: Form, headers: Record<string, string> = {}): Promise<Told> {
    const { client_id: clientId = 'web', client_secret: secret = SECRETS[clientId], ...rest } = form;
    const isBasic = clientId !== 'post' && secret !== undefined && rest['client_assertion'] === undefined;
    const body = new URLSearchParams(
      given({ ...rest, client_id: clientId, client_secret: isBasic ? undefined : secret }),
    );
    const authorization = isBasic && `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    return this.send(path, {
      method: 'POST',
      body,
      headers: { ...(authorization && { authorization }), ...headers },
    });
  }

  send(path: string, init: RequestInit = {}): Promise<Told> {
    return this.tell(`${this.subject.url}${path}`, init);
  }

  private async open(url: string): Promise<Told> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.tell(url.replace(SUBJECT_ISSUER, this.subject.url), { headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  private async tell(url: string, init: RequestInit): Promise<Told> {
    const answer = await fetch(url, { redirect: 'manual', ...init });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** A signed statement of the client `signing`, as it should be but for what is changed. */
  async assertion(changed: Record<string, unknown> = {}): Promise<Form> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const claims = {
      ...{ iss: 'signing', sub: 'signing', aud: SUBJECT_ISSUER, jti: randomUUID() },
      ...{ iat: nowSeconds, exp: nowSeconds + 60, ...changed },
    };
    const signed = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'app' })
      .sign(this.subject.assertionKey);
    return {
      client_id: 'signing',
      client_assertion: signed,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
  }
}

/** Somebody's DPoP key. */
export class ProofKey {
  private constructor(private readonly pair: GenerateKeyPairResult) {}

  static async make(): Promise<ProofKey> {
    return new ProofKey(await generateKeyPair('ES256', { extractable: true }));
  }

  /** The header of one request; `changed` overrides claims, `header` the proof's own header. */
  async header(
    changed: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    token?: string,
  ): Promise<{ DPoP: string }> {
    const claims = {
      ...{
        jti: randomUUID(),
        htm: 'POST',
        htu: `${SUBJECT_ISSUER}/oauth/token`,
        iat: Math.floor(Date.now() / 1_000),
      },
      ...(token !== undefined && { ath: hash('sha256', token, 'base64url') }),
      ...changed,
    };
    const jwk = await exportJWK(this.pair.publicKey);
    const usual = { alg: 'ES256', typ: 'dpop+jwt', jwk };
    return {
      DPoP: await new SignJWT(claims).setProtectedHeader({ ...usual, ...header }).sign(this.pair.privateKey),
    };
  }

  /** With the private half in its header, as nobody should. */
  async privateJwk() {
    return exportJWK(this.pair.privateKey);
  }
}

function given(form: Form): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
