import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Broadcaster, type CallRequest, type ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, orAbsent, partnerStatus, reason, slug } from '../domain/fields.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { PartnerRegister } from '../storage/partner-register.js';

type Operation = typeof identity.setPartnerStatus;

const FIELDS = { slug, status: partnerStatus, reason: orAbsent(reason) };

/** Suspends a partner, after which its keys open nothing, or admits it again. */
@Injectable()
export class SetPartnerStatus {
  constructor(
    private readonly partners: PartnerRegister,
    private readonly broadcaster: Broadcaster,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    if (asked.status === 'suspended') check({ reason }, { reason: asked.reason });
    const change = { status: asked.status, reason: asked.reason, actor: principalOf(context).actor };
    const partner = await this.across.transaction(async (transaction) => {
      const done = await this.partners.setStatus(transaction, asked.slug, change);
      if (!done) throw new ProblemError('not_found', `There is no partner ${asked.slug}.`);
      if (done.changedIn === undefined) return done.partner;
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId: done.changedIn,
        action: `partner.${asked.status}`,
        subject: `partner:${asked.slug}`,
        details: { reason: asked.reason ?? null },
      });
      return done.partner;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return { partner };
  }
}
