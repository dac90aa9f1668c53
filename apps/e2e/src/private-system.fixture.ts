import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHome } from '../../../infra/local/home.ts';
import { type ExtraProcess, Stack } from '../../../infra/local/stack.ts';
import type { RunningSystem } from './system.fixture.js';

/** A whole system for one suite alone, whose processes come back soon after a kill. */
export class PrivateSystem {
  private constructor(
    private readonly stack: Stack,
    readonly system: RunningSystem,
  ) {}

  static async start(extras: readonly ExtraProcess[] = []): Promise<PrivateSystem> {
    const stack = new Stack({
      home: mkdtempSync(join(tmpdir(), 'magistry-test-faults-')),
      services: true,
      restartPolicy: { healthyAfterMs: 2_000, longestDelayMs: 1_000 },
    });
    await stack.start();
    for (const extra of extras) await stack.startExtra(extra);
    const { gatewayUrl, natsUrl, redisUrl, databaseAdminUrl: databaseUrl } = stack;
    return new PrivateSystem(stack, { gatewayUrl, natsUrl, redisUrl, databaseUrl, home: stack.home.folder });
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    removeHome(this.stack.home);
  }
}
