import { randomUUID } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { requireDocumented } from './documented-answers.fixture.js';

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as it is when text or bytes, else as JSON. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  readonly json: any;
  readonly durationMs: number;
}

const ANSWER_TIMEOUT_MS = 15_000;
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** A client of the public API with one key. Paths are sent as written; every answer must be as documented. */
export class GatewayClient {
  constructor(
    private readonly baseUrl: string,
    private readonly key: string | undefined,
    /** Acts in this workspace, where its credential could act in several. */
    private readonly workspace?: string,
  ) {}

  withKey(key: string | undefined): GatewayClient {
    return new GatewayClient(this.baseUrl, key);
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answered> {
    return this.send(path, { headers });
  }

  /** A write under an Idempotency-Key of its own unless `headers` name one. */
  write(method: string, path: string, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answered> {
    return this.send(path, { method, body, headers: { 'idempotency-key': randomUUID(), ...headers } });
  }

  propose(proposal: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answered> {
    return this.write('POST', '/v1/planner/propose', proposal, headers);
  }

  reverse(decision: number | string, headers: OutgoingHttpHeaders = {}): Promise<Answered> {
    return this.write('POST', `/v1/decisions/${decision}/reverse`, { reason: 'a journey' }, headers);
  }

  setKillSwitch(engaged: boolean, reason = 'a journey'): Promise<Answered> {
    return this.send('/v1/killswitch', { method: 'PUT', body: { engaged, reason } });
  }

  send(path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answered> {
    const startedAt = performance.now();
    const { hostname, port } = new URL(this.baseUrl);
    const bytes = bytesOf(body);
    const all = {
      ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
      ...(this.workspace !== undefined && { 'x-workspace-id': this.workspace }),
      ...(bytes !== undefined && { 'content-type': 'application/json' }),
      // In chunks, a body does not say how long it is.
      ...(bytes !== undefined &&
        headers['transfer-encoding'] === undefined && { 'content-length': Buffer.byteLength(bytes) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path, method, headers: all, agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const durationMs = performance.now() - startedAt;
          const { statusCode: status = 0, headers } = incoming;
          try {
            const answered = { status, headers, text, json: parse(headers, text), durationMs };
            requireDocumented(method, path, answered);
            resolve(answered);
          } catch (error) {
            reject(error);
          }
        });
      });
      outgoing.setTimeout(ANSWER_TIMEOUT_MS, () =>
        outgoing.destroy(new Error('the gateway does not answer')),
      );
      outgoing.on('error', reject);
      outgoing.end(bytes);
    });
  }
}

function bytesOf(body: unknown): string | Uint8Array | undefined {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

function parse(headers: IncomingHttpHeaders, text: string): unknown {
  const isJson = /[/+]json\b/.test(headers['content-type'] ?? '');
  return isJson && text !== '' ? JSON.parse(text) : undefined;
}
