import { create } from '@bufbuild/protobuf';
import { identity, type RequestContext, RequestContextSchema } from '@magistry/contracts';
import { type Caller } from '@magistry/messaging';
import { principalOf, systemContext, workspaceOf } from '@magistry/request-context';

/** All that a key of an integration may do; which agent it speaks to, the integration says. */
const SCOPES = ['messages:read', 'messages:write'];
const KEY_LENGTH_MAX = 255;

/** A key that is shown once. */
export interface ShownKey {
  readonly apiKeyId: number;
  readonly key: string;
}

/** The keys of integrations: identity makes them, and knows them again. */
export class IntegrationKeys {
  constructor(private readonly caller: Caller) {}

  async create(context: RequestContext, name: string): Promise<ShownKey> {
    const wanted = { workspaceId: workspaceOf(context).id, name, scopes: SCOPES, isIntegration: true };
    const { id, key } = await this.caller.call(identity.createApiKey, wanted, asAgents(context));
    return { apiKeyId: id, key };
  }

  /** Under the request's own Idempotency-Key: a retry has the same successor. */
  async rotate(context: RequestContext, apiKeyId: number, graceHours: number) {
    const body = Buffer.from(JSON.stringify({ grace_period_hours: graceHours }));
    const request = { params: { id: String(apiKeyId) }, query: '', body };
    const { body: bytes } = await this.caller.forward(identity.rotateApiKey, request, asAgents(context));
    const { data } = JSON.parse(Buffer.from(bytes).toString()) as {
      data: { id: number; key: string; grace_period_ends_at: string };
    };
    return { apiKeyId: data.id, key: data.key, graceEndsAt: data.grace_period_ends_at };
  }
}

/**
 * As this service, whose the keys are, for the caller, who stands behind them; its own key to the change stays told
 * apart from others'.
 */
function asAgents(context: RequestContext): RequestContext {
  const { id, makerIds } = principalOf(context);
  const { principal } = systemContext('agents', { deadlineMs: 0 });
  if (principal) principal.makerIds = [id, ...makerIds];
  const { idempotency } = context;
  const key = `${id} ${idempotency?.key}`.slice(0, KEY_LENGTH_MAX);
  return create(RequestContextSchema, {
    ...context,
    principal,
    idempotency: idempotency && { ...idempotency, key },
  });
}
