import { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ChargeRefusal } from '../pipeline/charge-refusal.js';
import { REQUEST_ID_HEADER } from '../pipeline/request-id.js';

const WEBHOOK_PATH = '/api/v1/github/webhook';
const HEALTH_PATH = '/api/v1/github/health';
const SIGNATURE = /^sha256=[0-9a-f]{64}$/i;
const NAME_LENGTH_MAX = 100;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

interface Doors {
  readonly caller: Caller;
  readonly chargeRefusal: ChargeRefusal;
  /** One unit of an address; throws `rate_limit_exceeded` when it has none left. */
  readonly charge: (ip: string) => Promise<void>;
  readonly requestBytesMax: number;
}

/**
 * GitHub's webhook (seed 004). It has no key: the service that holds the secret verifies the bytes. Addresses that
 * send what does not verify are held to the limit of strangers, before their next body is read.
 */
export function addGithubRoutes(
  http: FastifyInstance,
  { caller, chargeRefusal, charge, requestBytesMax }: Doors,
): void {
  const bodyLimit = Math.min(agents.GITHUB_BODY_BYTES_MAX, requestBytesMax);
  http.route({
    method: 'POST',
    url: WEBHOOK_PATH,
    bodyLimit,
    onRequest: async (request) => {
      chargeRefusal.refuseOverLimit(request.ip);
      await charge(request.ip);
      requireReadable(request);
      if (SIGNATURE.test(header(request, 'x-hub-signature-256'))) return;
      await chargeRefusal.chargeAddress(request.ip);
      throw unsigned();
    },
    handler: async (request, reply) => {
      await receive(caller, request).catch(async (error: unknown) => {
        const isForged = error instanceof ProblemError && error.code === 'invalid_signature';
        if (isForged) await chargeRefusal.chargeAddress(request.ip);
        throw error;
      });
      return reply.header(REQUEST_ID_HEADER, request.id).send({ status: 'ok' });
    },
  });
  http.get(HEALTH_PATH, async (request, reply) => {
    await charge(request.ip);
    const { deadlineMs } = agents.getGithubHealth;
    const context = systemContext('gateway', { deadlineMs });
    const { missing } = await caller.call(agents.getGithubHealth, {}, context);
    const health = { status: 'ok', configured: missing.length === 0, missing };
    return reply.header(REQUEST_ID_HEADER, request.id).send(health);
  });
}

async function receive(caller: Caller, request: FastifyRequest): Promise<void> {
  const context = systemContext('gateway', { deadlineMs: agents.receiveGithubEvent.deadlineMs });
  context.requestId = request.id;
  const delivery = {
    event: header(request, 'x-github-event'),
    deliveryId: header(request, 'x-github-delivery'),
    signature: header(request, 'x-hub-signature-256').toLowerCase(),
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
  };
  await caller.call(agents.receiveGithubEvent, delivery, context);
}

function requireReadable(request: FastifyRequest): void {
  if (!JSON_TYPE.test(header(request, 'content-type')))
    throw new ProblemError(
      'unsupported_media_type',
      'Set the content type of the webhook on GitHub to application/json.',
    );
  for (const name of ['x-github-event', 'x-github-delivery']) {
    const { length } = header(request, name);
    if (length === 0 || length > NAME_LENGTH_MAX)
      throw new ProblemError('invalid_request', `The header ${name} is missing or too long.`);
  }
}

function header({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function unsigned(): ProblemError {
  return new ProblemError(
    'invalid_signature',
    'X-Hub-Signature-256 is missing or malformed. Set a secret for the webhook on GitHub.',
  );
}
