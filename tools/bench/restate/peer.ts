import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, startScript } from '../scripts.ts';
import type { InstalledRestate } from './install.ts';

const READY_MS_MAX = 30_000;

/** Restate as its documentation starts a single node, its settings as they come, and the agent it calls. */
export class RestatePeer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'magistry-bench-restate-'));
  private readonly processes: ChildProcess[] = [];
  /** Where a run is begun, and answered when it has ended. */
  url = '';

  async start({ server, sdk }: InstalledRestate, modelUrl: string): Promise<void> {
    const [node, admin, ingress, agent] = [
      ...[await freePort(), await freePort(), await freePort(), await freePort()],
    ];
    const words = [
      '--no-logo',
      '--listen-mode',
      'tcp',
      '--bind-ip',
      '127.0.0.1',
      '--bind-port',
      String(node),
    ];
    const child = spawn(server, [...words, '--base-dir', this.folder, '--node-name', 'bench'], {
      stdio: 'ignore',
      env: {
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_ADMIN__BIND_PORT: String(admin),
        RESTATE_INGRESS__BIND_PORT: String(ingress),
      },
    });
    this.processes.push(child);
    this.processes.push(await startScript('restate/agent.ts', [sdk, modelUrl, String(agent)]));
    await untilReady(`http://127.0.0.1:${admin}/health`);
    const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri: `http://127.0.0.1:${agent}` }),
    });
    if (!answer.ok) throw new Error(`Restate did not take the agent: ${await answer.text()}`);
    this.url = `http://127.0.0.1:${ingress}/advisor/run`;
    await untilReady(`http://127.0.0.1:${ingress}/restate/health`);
  }

  async stop(): Promise<void> {
    const ends = this.processes
      .filter(({ exitCode }) => exitCode === null)
      .map((child) => once(child, 'exit'));
    for (const child of this.processes) child.kill('SIGKILL');
    await Promise.all(ends);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function untilReady(url: string): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < READY_MS_MAX; ) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await pause(100);
  }
  throw new Error(`Restate was not ready within ${READY_MS_MAX / 1_000} s (${url})`);
}
