import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const SILENCE = '/silence';

/** A place outside where tools have effects: one for an Idempotency-Key, however often it is asked. */
export class OutsidePlace {
  readonly effects = new Map<string, string>();
  asked = 0;

  private constructor(private readonly server: Server) {}

  /** Answers after a moment, so that kills fall between an effect and its answer, too. */
  static async start(answerMs = 5): Promise<OutsidePlace> {
    const server = createServer();
    const place = new OutsidePlace(server);
    server.on('request', async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      place.asked += 1;
      if (request.url === SILENCE) return;
      const key = String(request.headers['idempotency-key']);
      if (!place.effects.has(key)) place.effects.set(key, body);
      await pause(answerMs);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ booked: true }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return place;
  }

  /** The input of the tool http_request that has an effect here. */
  effect(body: object): { tool: string; input: object } {
    return { tool: 'http_request', input: { url: this.url('/'), method: 'POST', body } };
  }

  /** The input of the tool http_request that is never answered here. */
  silence(): { tool: string; input: object } {
    return { tool: 'http_request', input: { url: this.url(SILENCE) } };
  }

  private url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
