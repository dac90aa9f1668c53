import type { decisions } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { readOutbox } from '@magistry/outbox';
import type { OutboxReader } from '../storage/across/outbox-reader.js';

type Operation = typeof decisions.readOutbox;

/** For consumers that see a gap or a new stream: the events themselves, from the source. */
export class ReadOutbox {
  constructor(private readonly readers: readonly OutboxReader[]) {}

  execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    return readOutbox(this.readers, message);
  }
}
