import { createHash, randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { identity, type PublicOperation, RequestContextSchema } from '@magistry/contracts';
import { fingerprintOf } from '@magistry/idempotency';
import { newRequestId } from '@magistry/request-context';
import { aWorkspace } from './identity.fixture.js';
import type { RunningIdentity } from './running-identity.js';

export interface Asked {
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
  /** The Idempotency-Key; none by default. */
  readonly key?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  readonly json: any;
}

interface OfCredential {
  readonly scopes?: readonly string[];
  readonly makerIds?: readonly string[];
}

/** Somebody with a key in a workspace, asking as the gateway passes it on. */
export class ApiCaller {
  constructor(
    private readonly running: RunningIdentity,
    readonly workspace: { id: number; slug: string; tier: string },
    readonly principalId: string,
    private readonly scopes: readonly string[],
    private readonly makerIds: readonly string[] = [],
  ) {}

  as(changed: Partial<Pick<ApiCaller, 'workspace' | 'principalId'>> & OfCredential): ApiCaller {
    const { workspace = this.workspace, principalId = this.principalId } = changed;
    const { scopes = this.scopes, makerIds = this.makerIds } = changed;
    return new ApiCaller(this.running, workspace, principalId, scopes, makerIds);
  }

  async ask(operation: PublicOperation, { params = {}, query = '', body, key }: Asked = {}): Promise<Told> {
    const { id, scopes } = { id: this.principalId, scopes: [...this.scopes] };
    const fingerprint = fingerprintOf({
      method: operation.routes[0]?.method ?? '',
      path: `${operation.name} ${JSON.stringify(params)}`,
      query,
      version: '',
      bodyHash: createHash('sha256')
        .update(JSON.stringify(body ?? ''))
        .digest(),
    });
    const context = create(RequestContextSchema, {
      requestId: newRequestId(),
      deadlineUnixMs: Date.now() + 5_000,
      principal: { id, actor: id, scopes, makerIds: [...this.makerIds] },
      workspace: this.workspace,
      ...(key !== undefined && { idempotency: { key, fingerprint } }),
    });
    const {
      status,
      headers,
      body: bytes,
    } = await this.running.forward(operation, {
      context,
      params,
      query,
      body,
    });
    const text = Buffer.from(bytes).toString();
    return { status, headers, text, json: text === '' ? undefined : JSON.parse(text) };
  }
}

/** With a key of its own that may do everything. */
export async function aCaller(running: RunningIdentity, tier = 'pro'): Promise<ApiCaller> {
  const workspace = await aWorkspace(running, { tier });
  const { id } = await running.call(identity.createApiKey, {
    workspaceId: workspace.id,
    name: 'full',
    scopes: ['*'],
  });
  return new ApiCaller(running, workspace, `key:${id}`, ['*']);
}

export const freshKey = () => randomUUID();
