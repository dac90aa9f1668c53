import { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { type AuditOutboxReader, auditOutboxReaders, readOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';

type Operation = typeof identity.readOutbox;

/** For the consumer of audit events that sees a gap or a new stream: the events themselves, from the source. */
@Injectable()
export class ReadOutbox {
  private readonly readers: readonly AuditOutboxReader[];

  constructor(across: AcrossWorkspaces) {
    this.readers = auditOutboxReaders(across, identity.AUDIT_SHARDS);
  }

  execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    return readOutbox(this.readers, message);
  }
}
