import type { agents } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { type AuditOutboxReader, readOutbox } from '@magistry/outbox';

type Operation = typeof agents.readOutbox;

/** For the consumer of audit events that sees a gap or a new stream: the events themselves, from the source. */
export class ReadOutbox {
  constructor(private readonly readers: readonly AuditOutboxReader[]) {}

  execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    return readOutbox(this.readers, message);
  }
}
