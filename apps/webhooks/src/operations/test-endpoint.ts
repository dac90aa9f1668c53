import type { webhooks } from '@magistry/contracts';
import { GuardedClient } from '@magistry/egress';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import { Clock } from '../domain/clock.js';
import type { SentAttempt } from '../domain/dispatch.js';
import type { Endpoint } from '../domain/endpoint.js';
import { renderBody } from '../domain/events/render-body.js';
import { testEvent } from '../domain/events/test-event.js';
import { endpointId, endpointNotFound } from '../domain/path-id.js';
import { isSuccess } from '../domain/settle-delivery.js';
import { sendOnce } from '../sender/send-once.js';
import { Database } from '../storage/database.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { EndpointSecrets } from '../storage/endpoint-secrets.js';
import { EventTypes } from '../storage/event-types.js';
import { SigningKeys } from '../storage/signing-keys.js';

type Operation = typeof webhooks.testEndpoint;

/**
 * POST /api/v1/webhooks/:id/test: one signed request, answered with what came of it. It is no delivery: nothing is
 * kept or counted, and an inactive endpoint is tested too.
 */
@Injectable()
export class TestEndpoint {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly secrets: EndpointSecrets,
    private readonly types: EventTypes,
    private readonly signingKeys: SigningKeys,
    private readonly database: Database,
    private readonly client: GuardedClient,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const endpoint = await this.endpoints.find(workspaceId, endpointId(params.id));
    if (!endpoint) throw endpointNotFound();
    return jsonAnswer(outcomeOf(await this.send(endpoint, requireUrl(endpoint))));
  }

  private async send(endpoint: Endpoint, url: string): Promise<SentAttempt> {
    const { id, workspaceId, apiVersion, signing } = endpoint;
    const now = new Date(this.clock.now());
    const { type, data } = testEvent(endpoint, await this.types.list(workspaceId));
    const eventId = `evt_${ulid(now.getTime())}`;
    const event = { id: eventId, type, createdAt: now, data: JSON.stringify(data), isPlatform: false };
    const secrets = await this.secrets.live(this.database.readsIn(workspaceId), id, now);
    const privateKeys = signing === 'ed25519' ? await this.signingKeys.privateKeys() : [];
    const letter = { url, eventId, body: renderBody(event, apiVersion), secrets, privateKeys };
    return sendOnce(this.client, letter, this.clock.now);
  }
}

function requireUrl({ url }: Endpoint): string {
  if (url !== null) return url;
  throw new ProblemError('conflict', 'This endpoint takes no pushes, so that there is nothing to test.');
}

/** As seed 003 prints it. */
function outcomeOf(sent: SentAttempt) {
  const { statusCode, error, durationMs } = sent;
  if (isSuccess(sent)) {
    const body = sent.responseBody.toString('utf8');
    return { success: true, status_code: statusCode, response_time_ms: durationMs, response_body: body };
  }
  const why = error ?? `The receiver answered ${statusCode}.`;
  return { success: false, status_code: statusCode, error: why, response_time_ms: durationMs };
}
