import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './eventually.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

interface Arrival {
  /** Unix milliseconds, when the body was whole. */
  readonly at: number;
  readonly endpoint: string;
  readonly id: string;
}

export interface LoadReport {
  readonly accepted: number;
  readonly arrived: number;
  readonly lost: number;
  readonly doubled: number;
}

const RETRY_MS = 100;
const SETTLED_MS_MAX = 180_000;

/** Events published over the API, each told to one of several endpoints of one receiver, and what arrives there. */
export class WebhookLoad {
  /** Accepted with 202, by id: where it must arrive. */
  readonly accepted = new Map<string, { readonly endpoint: string; readonly at: number }>();
  readonly arrivals: Arrival[] = [];
  private readonly server: Server;

  private constructor(
    private readonly workspace: TestWorkspace,
    private readonly endpoints: number,
  ) {
    this.server = createServer((request, response) => {
      const endpoint = (request.url ?? '').slice(1);
      const id = String(request.headers['webhook-id']);
      request.resume().on('end', () => {
        this.arrivals.push({ at: Date.now(), endpoint, id });
        response.end();
      });
    });
  }

  static async open(workspace: TestWorkspace, endpoints: number): Promise<WebhookLoad> {
    const load = new WebhookLoad(workspace, endpoints);
    await new Promise<void>((resolve) => load.server.listen(0, '127.0.0.1', resolve));
    const { port } = load.server.address() as AddressInfo;
    for (let index = 0; index < endpoints; index += 1) {
      const body = {
        url: `http://127.0.0.1:${port}/e${index}`,
        events: [`load.e${index}`],
        retry_schedule: SOON,
      };
      const { status, text } = await workspace.client.write('POST', '/api/v1/webhooks', body);
      if (status !== 201) throw new Error(`an endpoint was not made: ${text}`);
    }
    return load;
  }

  /** Publishes so many events at a rate, each until it is accepted, whatever dies meanwhile. */
  async publish(count: number, perSecond: number): Promise<void> {
    const startedAt = performance.now();
    const from = this.accepted.size;
    const under: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      under.push(this.publishOne(from + index));
      await pause(Math.max(0, startedAt + (index * 1_000) / perSecond - performance.now()));
    }
    await Promise.all(under);
  }

  /** Waits until every accepted event has arrived; then counts. */
  async settle(): Promise<LoadReport> {
    await eventually(SETTLED_MS_MAX, () => {
      const { lost } = this.count();
      if (lost > 0) throw new Error(`${lost} of ${this.accepted.size} accepted events have not arrived`);
    });
    return this.count();
  }

  /** From the moment before the request that was accepted to the arrival, in milliseconds, ascending. */
  delays(): number[] {
    return this.arrivals
      .map(({ id, at }) => at - (this.accepted.get(id)?.at ?? at))
      .sort((one, other) => one - other);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private count(): LoadReport {
    const arrived = new Map<string, number>();
    for (const { id, endpoint } of this.arrivals) {
      if (this.accepted.get(id)?.endpoint === endpoint) arrived.set(id, (arrived.get(id) ?? 0) + 1);
    }
    const accepted = this.accepted.size;
    return {
      accepted,
      arrived: this.arrivals.length,
      lost: accepted - arrived.size,
      doubled: this.arrivals.length - arrived.size,
    };
  }

  private async publishOne(number: number): Promise<void> {
    const endpoint = `e${number % this.endpoints}`;
    const id = `evt_load_${this.workspace.id}_${number}`;
    const body = { type: `load.${endpoint}`, id, data: { number } };
    while (true) {
      const at = Date.now();
      const answered = await this.workspace.client
        .send('/api/v1/events', { method: 'POST', body })
        .catch(() => undefined);
      if (answered?.status === 202) {
        this.accepted.set(id, { endpoint, at });
        return;
      }
      if (answered && answered.status < 500) throw new Error(`an event was refused: ${answered.text}`);
      await pause(RETRY_MS);
    }
  }
}

const SOON = [1, 1, 2, 2, 5, 5, 10, 10, 20, 20];

/** The value below which a share of the ascending ones lies. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}
