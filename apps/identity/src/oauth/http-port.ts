import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ERROR_STATUS, ProblemError } from '@magistry/errors';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { PublicAddress } from '../domain/public-address.js';

/** What is not answered within this at shutdown is cut off. */
const DRAIN_TIMEOUT_MS = 5_000;

/** What answers some paths of the private port. */
export interface HttpPart {
  /** The path, without the query. */
  readonly takes: RegExp;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface HttpPortSettings {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Where gateways reach it, when that is not the address and port themselves. */
  readonly url: string | undefined;
}

/**
 * The private HTTP port of this process, for gateways alone. What they pass on seems to have come to the public
 * address, which we know ourselves: no header says it.
 */
export class HttpPort implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('http');
  private readonly server: Server;
  private readonly issuer: URL;

  constructor(
    private readonly settings: HttpPortSettings,
    address: PublicAddress,
    private readonly parts: readonly HttpPart[],
  ) {
    this.issuer = new URL(address.baseUrl);
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  get url(): string {
    const { host, url } = this.settings;
    return url ?? `http://${host}:${(this.server.address() as AddressInfo).port}`;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.settings;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => resolve());
    });
  }

  /** Answers what was received; connections that gateways keep for later are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.server.listening) return;
    const cutOff = setTimeout(() => this.server.closeAllConnections(), DRAIN_TIMEOUT_MS);
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    clearTimeout(cutOff);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.headers.host = this.issuer.host;
    request.headers['x-forwarded-host'] = this.issuer.host;
    request.headers['x-forwarded-proto'] = this.issuer.protocol.slice(0, -1);
    if (!this.server.listening) response.setHeader('connection', 'close');
    const path = request.url?.split('?', 1)[0] ?? '';
    try {
      const part = this.parts.find(({ takes }) => takes.test(path));
      if (!part) throw new ProblemError('not_found', 'There is nothing at this path.');
      await part.handle(request, response);
    } catch (error) {
      this.refuse(response, error);
    }
  }

  private refuse(response: ServerResponse, error: unknown): void {
    const problem = error instanceof ProblemError ? error : undefined;
    if (!problem) this.logger.error(error);
    if (response.headersSent) return void response.destroy();
    const status = problem ? ERROR_STATUS[problem.code] : 500;
    const name =
      status === 503 ? 'temporarily_unavailable' : status === 500 ? 'server_error' : 'invalid_request';
    const headers = { 'content-type': 'application/json', ...(status === 503 && { 'retry-after': '1' }) };
    response.writeHead(status, headers);
    response.end(
      JSON.stringify({ error: name, error_description: problem?.message ?? 'Something went wrong.' }),
    );
  }
}
