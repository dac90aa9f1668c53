import { AuditOutbox } from '@magistry/outbox';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { type Credential, resolved } from '../domain/credential.js';
import { type RefusalReason, RefusalTally } from '../domain/refusals.js';
import { AcrossWorkspaces } from './across-workspaces.js';

/** Tells the audit log of keys that are tried and opened nothing: of each at most once an hour and process. */
@Injectable()
export class CredentialRefusals {
  private readonly logger = new Logger('credential-refusals');
  private readonly tally = new RefusalTally();

  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
    private readonly clock: Clock,
  ) {}

  /** Nobody waits for it: a key that there is must be refused as fast as one that there is not. */
  tell(credential: Credential, reason: RefusalReason): void {
    const subject = `key:${credential.apiKeyId}`;
    const refusals = this.tally.count(subject, this.clock.now());
    if (refusals === 0) return;
    const recorded = this.audit.record(this.across, {
      workspaceId: credential.workspace?.id ?? null,
      action: 'credential.refused',
      actor: resolved(credential).actor,
      subject,
      details: { reason, refusals },
    });
    recorded.catch((error) => this.logger.warn({ subject, error }, 'a refusal could not be recorded'));
  }
}
