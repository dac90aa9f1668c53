import type { webhooks } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import { endpointId, endpointNotFound } from '../domain/path-id.js';
import { styled } from '../domain/styled.js';
import { signingSecret } from '../receivers/signing-secret.js';
import { EndpointRecords } from '../storage/endpoint-records.js';
import { EndpointSecrets } from '../storage/endpoint-secrets.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof webhooks.rotateSecret;

const HOUR_MS = 60 * 60 * 1_000;

/** POST /api/v1/webhooks/:id/rotate: both secrets sign until the grace ends. */
@Injectable()
export class RotateSecret {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly secrets: EndpointSecrets,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, route, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const id = endpointId(params.id);
    const secret = signingSecret(body.secret);
    const workspaceId = workspaceOf(context).id;
    return this.writes.run(context, async (transaction) => {
      if (!(await this.endpoints.lock(transaction, workspaceId, id))) throw endpointNotFound();
      const now = this.clock.second();
      const graceEndsAt = new Date(now.getTime() + body.grace_period_hours * HOUR_MS);
      await this.secrets.rotate(transaction, { id, workspaceId }, secret, { now, graceEndsAt });
      const data = { id, secret, grace_period_ends_at: shown(graceEndsAt) };
      return jsonAnswer(styled(route, data, 'Webhook secret rotated successfully.'));
    });
  }
}
