import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A way to a server that a test can cut: then its connections end, and new ones are refused at once; or freeze: then
 * they stay, and nobody answers on them.
 */
export class BreakableLink {
  private isCut = false;
  private isFrozen = false;
  /** Each with where its bytes go. */
  private readonly sockets = new Map<Socket, Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async to(targetUrl: string): Promise<BreakableLink> {
    const server = createServer();
    const link = new BreakableLink(server, new URL(targetUrl));
    server.on('connection', (socket) => link.join(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  /** The target's URL by way of this link. */
  get url(): string {
    const url = new URL(this.target.href);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets.keys()) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  freeze(): void {
    this.isFrozen = true;
    for (const [from, to] of this.sockets) from.unpipe(to);
  }

  /** What was on its way arrives. */
  thaw(): void {
    this.isFrozen = false;
    for (const [from, to] of this.sockets) from.pipe(to);
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket): void {
    if (this.isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.set(one, other);
      if (!this.isFrozen) one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
