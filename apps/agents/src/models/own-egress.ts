import { GuardedClient, guardedFetch } from '@magistry/egress';
import type { OnApplicationShutdown } from '@nestjs/common';

/** What a model's answer may take on the wire; most of it is the frame of single words. */
const MODEL_ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** The ways out to addresses that workspaces chose, each checked when it is connected to. */
export class OwnEgress implements OnApplicationShutdown {
  readonly client: GuardedClient;
  /** For models, whose answers stream. */
  readonly fetch: typeof globalThis.fetch;
  private readonly closeFetch: () => Promise<void>;

  constructor(allowsLoopback: boolean) {
    this.client = new GuardedClient({ allowsLoopback });
    const guarded = guardedFetch({ allowsLoopback, responseBytesMax: MODEL_ANSWER_BYTES_MAX });
    this.fetch = guarded.fetch;
    this.closeFetch = guarded.close;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
    await this.closeFetch();
  }
}
