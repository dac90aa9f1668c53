import { covers, mintApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, Broadcaster, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import { requireHeld } from '../domain/grants.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { notFound, pathId, principalId } from '../domain/principal.js';
import { type ApiKeyRecord, ApiKeyRecords } from '../storage/api-key-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof identity.rotateApiKey;

/** The agents service alone turns over the keys of integrations, and no others. */
const AGENTS = 'system:agents';
const HOUR_MS = 60 * 60 * 1_000;

/**
 * POST /api/v1/api-keys/:id/rotate: a new key of the same principal, with all that the old one has but its secret.
 * Both work until the grace ends, or the old one expires if that is sooner.
 */
@Injectable()
export class RotateApiKey {
  constructor(
    private readonly keys: ApiKeyRecords,
    private readonly writes: KeyedWrites,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const named = pathId(params.id);
    const workspaceId = workspaceOf(context).id;
    const caller = principalOf(context);
    const answer = await this.writes.run(context, async (transaction) => {
      const isIntegration = caller.id === AGENTS;
      // A crash may have kept the agents service from noting a successor: its next rotation goes on from there.
      const id = isIntegration ? await this.keys.newestOfLine(transaction, workspaceId, named) : named;
      const old = await this.keys.lock(transaction, workspaceId, id, isIntegration);
      if (!old) throw notFound();
      // Who turns a key over sees its successor: that takes holding what the key may do, or being its owner.
      const ownId = principalId({ apiKeyId: old.principalKeyId });
      if (caller.id !== ownId) requireHeld(old.scopes, caller.scopes, covers);
      const makerIds = makersOf(caller, { id: ownId, makerIds: old.makerIds });
      const now = this.clock.second();
      requireTurnable(old, now);
      const graceEndsAt = graceEnd(old, now, body.grace_period_hours);
      const key = mintApiKey(old.form);
      const wanted = { ...old, workspaceId, makerIds };
      const newId = await this.keys.insert(transaction, wanted, this.hasher.seal(key), now);
      await this.keys.retire(transaction, id, now, graceEndsAt);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'api_key.rotated',
        subject: `key:${id}`,
        details: { successor: `key:${newId}`, grace_ends_at: shown(graceEndsAt) },
      });
      const { name, scopes } = old;
      const shownKey = { id: newId, name, key: key.credential, scopes };
      const data = { ...shownKey, grace_period_ends_at: shown(graceEndsAt) };
      return jsonAnswer({ message: 'API key rotated successfully.', data });
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}

function graceEnd({ expiresAt }: ApiKeyRecord, now: Date, graceHours: number): Date {
  const end = new Date(now.getTime() + graceHours * HOUR_MS);
  return expiresAt !== null && expiresAt < end ? expiresAt : end;
}

function requireTurnable({ rotatedAt, expiresAt }: ApiKeyRecord, now: Date): void {
  if (rotatedAt !== null) {
    throw new ProblemError('conflict', 'This key was rotated before. Rotate its successor instead.');
  }
  if (expiresAt === null || now < expiresAt) return;
  throw new ProblemError('conflict', 'This key has expired. Create a new one instead.');
}
