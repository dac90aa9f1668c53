import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { agents, EventLog_Framing, type Operation } from '@magistry/contracts';
import {
  type CallRequest,
  eventLogAnswer,
  type Handler,
  LivePages,
  type NatsConnection,
  type PublicRequest,
  type Served,
  serve,
} from '@magistry/messaging';
import { connectTestNats } from '@magistry/testing';
import { bearer } from './platform.fixture.js';

const PAGE_BYTES_MAX = 1024 * 1024;

interface DoubledLog {
  readonly texts: string[];
  isEnded: boolean;
}

/** The agents service as far as followers of messages need it: logs that a test writes, told live where it says so. */
export class DoubledLogs {
  /** Pages that the gateway has asked for. */
  reads = 0;
  private readonly logs = new Map<string, DoubledLog>();
  private served: Served[] = [];
  private readonly livePages: LivePages;

  private constructor(private readonly connection: NatsConnection) {
    this.livePages = new LivePages(connection);
  }

  static async start(): Promise<DoubledLogs> {
    const doubled = new DoubledLogs(await connectTestNats('agents'));
    await doubled.comeBack();
    return doubled;
  }

  /** Adds an event; `isTold` sends it to who follows the log. */
  add(name: string, text: string, { isTold = true, isLast = false } = {}): void {
    const log = this.logOf(name);
    log.texts.push(text);
    log.isEnded = isLast;
    const events = [{ id: log.texts.length, data: Buffer.from(text) }];
    if (isTold) this.livePages.publish(name, { events, isEnded: isLast });
  }

  flush(): Promise<void> {
    return this.connection.flush();
  }

  async goAway(): Promise<void> {
    await Promise.all(this.served.splice(0).map((served) => served.drain()));
    await this.connection.flush();
  }

  async comeBack(): Promise<void> {
    this.serve(agents.getMessageEvents, async (asked: PublicRequest<typeof agents.getMessageEvents>) => {
      const framing = EventLog_Framing.EVENT_STREAM;
      const after = Number(asked.headers?.['last-event-id'] ?? 0);
      return eventLogAnswer({ name: asked.params.message_id, after, framing, closing: '[DONE]' });
    });
    this.serve(agents.readEvents, async ({ message }: CallRequest<typeof agents.readEvents>) =>
      this.read(message),
    );
    await this.connection.flush();
  }

  private read({ name, after }: { name: string; after: number }) {
    this.reads += 1;
    const { texts, isEnded } = this.logOf(name);
    const events: { id: number; data: Uint8Array }[] = [];
    let bytes = 0;
    for (let id = after + 1; id <= texts.length && bytes < PAGE_BYTES_MAX; id += 1) {
      const data = Buffer.from(texts[id - 1] ?? '');
      events.push({ id, data });
      bytes += data.length;
    }
    const hasMore = after + events.length < texts.length;
    return { page: { events, hasMore, isEnded: isEnded && !hasMore } };
  }

  private logOf(name: string): DoubledLog {
    const log = this.logs.get(name) ?? { texts: [], isEnded: false };
    this.logs.set(name, log);
    return log;
  }

  private serve(operation: Operation, handler: Handler): void {
    const target = { subject: operation.name, queue: 'agents', operation };
    this.served.push(serve(this.connection, target, handler, () => undefined));
  }
}

/** A client of server-sent events on a connection of its own, that takes what comes only while it wants to. */
export class RawFollower {
  text = '';
  /** Resolves when the gateway has ended the stream, well or not. */
  readonly ended: Promise<void>;

  private constructor(
    private readonly outgoing: ClientRequest,
    private readonly incoming: IncomingMessage,
  ) {
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      this.text += chunk;
    });
    incoming.pause();
    this.ended = new Promise((resolve) => incoming.once('close', resolve));
    incoming.on('error', () => undefined);
  }

  static async enter(gatewayUrl: string, credential: string, name: string, after = 0): Promise<RawFollower> {
    const url = `${gatewayUrl}/api/v1/messages/${name}/events`;
    const headers = { ...bearer(credential), 'last-event-id': String(after) };
    const outgoing = request(url, { headers, agent: false });
    outgoing.on('error', () => undefined);
    outgoing.end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    if (incoming.statusCode !== 200) throw new Error(`a follower was answered ${incoming.statusCode}`);
    return new RawFollower(outgoing, incoming);
  }

  take(): this {
    this.incoming.resume();
    return this;
  }

  /** Ids in the order in which they came. */
  get ids(): number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  }

  get isDone(): boolean {
    return this.text.endsWith('data: [DONE]\n\n');
  }

  leave(): void {
    this.outgoing.destroy();
  }
}
