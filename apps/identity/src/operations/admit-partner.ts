import { allows, covers, isWellFormedScope } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { shown } from '../domain/clock.js';
import { check, scopeList } from '../domain/fields.js';
import { installScopes, requireHeld } from '../domain/grants.js';
import { notFound, partnerActor } from '../domain/principal.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.admitPartner;

const FIELDS = { scopes: scopeList(isWellFormedScope) };

/**
 * POST /v1/partners/:slug/install: lets a partner act in this workspace, with no scope that it did not ask for or
 * that whoever admits it does not hold. Installing again changes the scopes of the install that is there.
 */
@Injectable()
export class AdmitPartner {
  constructor(
    private readonly partners: PartnerStore,
    private readonly writes: KeyedWrites,
    private readonly audit: AuditOutbox,
    private readonly broadcaster: Broadcaster,
  ) {}

  async execute({ context, params: { slug }, body }: PublicRequest<Operation>): Promise<Answer> {
    const asked = check(FIELDS, { scopes: body.scopes ?? [] });
    const workspaceId = workspaceOf(context).id;
    const answer = await this.writes.run(context, async (transaction) => {
      const partner = await this.partners.findApproved(slug);
      if (!partner) throw notFound();
      const scopes = [...new Set(installScopes(asked.scopes, partner.scopes, allows))];
      requireHeld(scopes, principalOf(context).scopes, covers);
      const since = await this.partners.install(transaction, partner.id, workspaceId, scopes);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'partner.installed',
        subject: partnerActor(slug),
        details: { scopes },
      });
      return jsonAnswer({ slug, scopes, installed_at: shown(since) }, 201);
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
