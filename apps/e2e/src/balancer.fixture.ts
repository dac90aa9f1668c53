import { GatewayClient } from './gateway.fixture.js';

const PROBE_INTERVAL_MS = 100;

/** What stands before several gateways: each request goes to the next one that says it is ready. */
export class Balancer {
  private readonly gatewayUrls = new Set<string>();
  private readonly ready = new Set<string>();
  private readonly probe = setInterval(() => void this.probeAll(), PROBE_INTERVAL_MS);
  private turn = 0;

  add(gatewayUrl: string): void {
    this.gatewayUrls.add(gatewayUrl);
  }

  remove(gatewayUrl: string): void {
    this.gatewayUrls.delete(gatewayUrl);
    this.ready.delete(gatewayUrl);
  }

  /** A client of the gateway whose turn it is. */
  next(key: string): GatewayClient {
    const urls = [...this.ready];
    const url = urls[this.turn++ % urls.length];
    if (url === undefined) throw new Error('no gateway is ready');
    return new GatewayClient(url, key);
  }

  isServedBy(gatewayUrl: string): boolean {
    return this.ready.has(gatewayUrl);
  }

  stop(): void {
    clearInterval(this.probe);
  }

  private async probeAll(): Promise<void> {
    await Promise.all([...this.gatewayUrls].map((url) => this.probeOne(url)));
  }

  private async probeOne(url: string): Promise<void> {
    const answered = await new GatewayClient(url, undefined).get('/ready').catch(() => undefined);
    // Not ready for a reason that every gateway shares is no reason to prefer another one.
    const isLeaving = answered === undefined || answered.json?.failures?.gateway !== undefined;
    if (isLeaving || !this.gatewayUrls.has(url)) this.ready.delete(url);
    else this.ready.add(url);
  }
}
