import { type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { MemoryReplayCache, type ReplayCache } from './replay-cache.js';
import { magistrySignature, standardContent, standardSignature } from './sign-delivery.js';
import { openPublicKey, type PublicKeyEntry } from './signing-key.js';

export interface WebhookVerifierOptions {
  /** Any of them may have signed: keep the former one while a rotation lasts. */
  readonly secrets?: readonly string[];
  /** `keys` of `/.well-known/webhook-keys.json`, for endpoints with `signing: "ed25519"`. */
  readonly publicKeys?: readonly Pick<PublicKeyEntry, 'x'>[];
  /** How far a timestamp may be from now, 5 minutes unless told. */
  readonly toleranceMs?: number;
  readonly replays?: ReplayCache;
  readonly now?: () => number;
}

/** A request as it arrived: its headers under any case, and its body's bytes, unparsed. */
export interface ReceivedWebhook {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface VerifiedWebhook {
  /** The same on every attempt of one event. */
  readonly id: string;
  readonly timestampSeconds: number;
  /** `{id, type, created_at, data}` */
  readonly event: Readonly<Record<string, unknown>>;
}

export type VerificationFault =
  | 'headers_missing'
  | 'timestamp_out_of_tolerance'
  | 'no_valid_signature'
  | 'body_invalid';

/** This request is not to be trusted; answer 400 and do nothing else. */
export class WebhookVerificationError extends Error {
  constructor(
    readonly fault: VerificationFault,
    message: string,
  ) {
    super(message);
    this.name = 'WebhookVerificationError';
  }
}

const TOLERANCE_MS = 5 * 60 * 1_000;
/** All attempts of an event span at most 20 waits; duplicates after a day are rare enough to be handled again. */
const REMEMBERED_MS = 24 * 60 * 60 * 1_000;

interface Claims {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly signatures: readonly string[];
}

/** For receivers: proves that a delivery is Magistry's, fresh, and not handled before. Needs nothing but Node. */
export class WebhookVerifier {
  private readonly secrets: readonly string[];
  private readonly publicKeys: readonly KeyObject[];
  private readonly toleranceMs: number;
  private readonly replays: ReplayCache;
  private readonly now: () => number;

  constructor(options: WebhookVerifierOptions) {
    this.secrets = options.secrets ?? [];
    this.publicKeys = (options.publicKeys ?? []).map(openPublicKey);
    this.toleranceMs = options.toleranceMs ?? TOLERANCE_MS;
    this.now = options.now ?? Date.now;
    this.replays = options.replays ?? new MemoryReplayCache(this.now);
  }

  /** Throws a `WebhookVerificationError` unless signature, time and id hold. Remembers nothing. */
  verify({ headers, body }: ReceivedWebhook): VerifiedWebhook {
    const standard = standardClaims(headers);
    const claims = standard ?? magistryClaims(headers, body);
    if (!claims) throw new WebhookVerificationError('headers_missing', 'The signature headers are missing.');
    const { id, timestampSeconds } = claims;
    if (Math.abs(this.now() - timestampSeconds * 1_000) > this.toleranceMs) {
      throw new WebhookVerificationError('timestamp_out_of_tolerance', 'The timestamp is too far from now.');
    }
    const isSigned = standard ? this.isStandard(claims, body) : this.isMagistry(claims, body);
    if (!isSigned) throw new WebhookVerificationError('no_valid_signature', 'No signature of a known key.');
    const event = parse(body);
    // The id in the header must be the one that was signed, or a copy could pass as a new event.
    if (event?.['id'] !== id)
      throw new WebhookVerificationError('body_invalid', 'The body is not this event.');
    return { id, timestampSeconds, event };
  }

  /**
   * Verifies a request and hands it to `handle` unless its id was handled before. If `handle` throws, the next
   * attempt is handled again: answer with a status of 500 then, and with 2xx for `duplicate`.
   */
  async receive(
    request: ReceivedWebhook,
    handle: (webhook: VerifiedWebhook) => unknown,
  ): Promise<'handled' | 'duplicate'> {
    const webhook = this.verify(request);
    if (!(await this.replays.claim(webhook.id, this.now() + REMEMBERED_MS))) return 'duplicate';
    try {
      await handle(webhook);
      return 'handled';
    } catch (error) {
      await this.replays.release(webhook.id);
      throw error;
    }
  }

  private isStandard(claims: Claims, body: Uint8Array): boolean {
    const signed = { ...claims, body };
    return claims.signatures.some((entry) => {
      const [version, signature = ''] = entry.split(',', 2);
      if (version === 'v1') {
        return this.secrets.some((secret) => isEqual(standardSignature(secret, signed), signature));
      }
      if (version !== 'v1a') return false;
      const bytes = Buffer.from(signature, 'base64');
      return this.publicKeys.some((key) => verify(null, standardContent(signed), key, bytes));
    });
  }

  private isMagistry(claims: Claims, body: Uint8Array): boolean {
    const expected = this.secrets.map((secret) => magistrySignature(secret, { ...claims, body }));
    return claims.signatures.some((signature) => expected.some((one) => isEqual(one, signature)));
  }
}

function standardClaims(headers: ReceivedWebhook['headers']): Claims | undefined {
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  if (id === undefined || signatures === undefined || !isTimestamp(timestamp)) return undefined;
  return { id, timestampSeconds: Number(timestamp), signatures: signatures.split(' ') };
}

/** Without the trio, `X-Magistry-Signature` alone proves the body, and the body says its id. */
function magistryClaims(headers: ReceivedWebhook['headers'], body: Uint8Array): Claims | undefined {
  const parts = (headerOf(headers, 'x-magistry-signature') ?? '')
    .split(',')
    .map((part) => part.split('=', 2));
  const timestamp = parts.find(([name]) => name === 't')?.[1];
  if (!isTimestamp(timestamp)) return undefined;
  const signatures = parts.filter(([name]) => name === 'v1').map(([, signature = '']) => signature);
  const id = parse(body)?.['id'];
  return typeof id === 'string' ? { id, timestampSeconds: Number(timestamp), signatures } : undefined;
}

function isTimestamp(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,12}$/.test(text);
}

function headerOf(headers: ReceivedWebhook['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  const value = key === undefined ? undefined : headers[key];
  return typeof value === 'string' ? value : value?.[0];
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
