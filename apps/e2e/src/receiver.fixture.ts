import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.fixture.js';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  readonly json: any;
}

/** Somebody's endpoint on this machine: keeps what it gets, and answers as it was told last. */
export class Receiver {
  readonly received: Received[] = [];
  private answer = { status: 200, body: '{"received": true}' };

  private constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { url: path = '', headers } = request;
        receiver.received.push({ path, headers, text, json: JSON.parse(text) });
        response.statusCode = receiver.answer.status;
        response.end(receiver.answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    const receiver = new Receiver(`http://127.0.0.1:${port}`, close);
    return receiver;
  }

  answers(status: number, body = '{"received": true}'): void {
    this.answer = { status, body };
  }

  /** The first request that fits, once it has come. */
  async got(timeoutMs: number, fits: (received: Received) => boolean): Promise<Received> {
    return eventually(timeoutMs, () => {
      const found = this.received.find(fits);
      if (!found) throw new Error(`of ${this.received.length} requests none fits`);
      return found;
    });
  }
}
