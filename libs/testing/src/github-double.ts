import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GithubComment {
  readonly id: number;
  /** Of the conversation of an issue or pull request, or of a review. */
  readonly kind: 'issues' | 'pulls';
  readonly number: number;
  readonly login: string;
  body: string;
  /** The review comment that it replies to. */
  readonly inReplyTo: number | null;
  readonly updatedAt: string;
  /** Every text that it had before. */
  readonly earlier: string[];
}

/** An answer in the place of the usual one; `lost` does what is asked, but nobody hears of it. */
export type GithubTrouble =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly message?: string }
  | 'lost';

interface Reply {
  readonly status: number;
  readonly json: unknown;
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: Record<string, unknown>;
}

const PERMISSION = /^\/repos\/[^/]+\/[^/]+\/collaborators\/([^/]+)\/permission$/;
const COMMENTS = /^\/repos\/[^/]+\/[^/]+\/(issues|pulls)\/(\d+)\/comments$/;
const REPLIES = /^\/repos\/[^/]+\/[^/]+\/pulls\/(\d+)\/comments\/(\d+)\/replies$/;
const COMMENT = /^\/repos\/[^/]+\/[^/]+\/(issues|pulls)\/comments\/(\d+)$/;
const NOT_FOUND: Reply = { status: 404, json: { message: 'Not Found' } };
const BODY_LENGTH_MAX = 65_536;

/** GitHub's REST API on loopback, as far as commands need it: permissions, comments, limits and failures. */
export class GithubDouble {
  readonly comments: GithubComment[] = [];
  /** By login; whoever is not named is no collaborator. */
  readonly permissions = new Map<string, string>();
  /** `METHOD /path` of all that was asked. */
  readonly asked: string[] = [];
  private readonly troubles: { readonly match: RegExp; readonly trouble: GithubTrouble }[] = [];

  private constructor(
    private readonly server: Server,
    private readonly token: string,
    readonly login: string,
  ) {}

  static async start({ port = 0, token = 'ghp_double', login = 'magistry-app' } = {}): Promise<GithubDouble> {
    const server = createServer();
    const double = new GithubDouble(server, token, login);
    server.on('request', (request, response) => {
      void double.answer(request, response).catch(() => response.destroy());
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next request that fits is answered so, and the one after it as usual. */
  troubleNext(match: RegExp, trouble: GithubTrouble): void {
    this.troubles.push({ match, trouble });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url = '/' } = request;
    const asked = { method, url: new URL(url, this.url), body: text === '' ? {} : JSON.parse(text) };
    const name = `${method} ${decodeURIComponent(asked.url.pathname)}`;
    this.asked.push(name);
    const at = this.troubles.findIndex(({ match }) => match.test(name));
    const trouble = at < 0 ? undefined : this.troubles.splice(at, 1)[0]?.trouble;
    if (trouble !== undefined && trouble !== 'lost') {
      const { status, headers = {}, message = 'trouble' } = trouble;
      return send(response, { status, json: { message } }, headers);
    }
    const isKnown = request.headers.authorization === `Bearer ${this.token}`;
    const reply = isKnown ? this.replyTo(asked) : { status: 401, json: { message: 'Bad credentials' } };
    if (trouble === 'lost') response.destroy();
    else send(response, reply, {});
  }

  private replyTo({ method, url, body }: Asked): Reply {
    const path = decodeURIComponent(url.pathname);
    if (path === '/user') return { status: 200, json: { login: this.login, type: 'User' } };
    const member = PERMISSION.exec(path)?.[1];
    if (member !== undefined) return this.permissionOf(member);
    const [, kind, number] = COMMENTS.exec(path) ?? [];
    if (kind !== undefined && method === 'GET') return this.list(kind, Number(number), url.searchParams);
    if (kind === 'issues') return this.create('issues', Number(number), body['body'], null);
    const [, pull, replied] = REPLIES.exec(path) ?? [];
    if (pull !== undefined) return this.create('pulls', Number(pull), body['body'], Number(replied));
    const [, edited, id] = COMMENT.exec(path) ?? [];
    if (edited !== undefined && method === 'PATCH') return this.edit(edited, Number(id), body['body']);
    return NOT_FOUND;
  }

  private permissionOf(login: string): Reply {
    const permission = this.permissions.get(login);
    if (permission === undefined) return NOT_FOUND;
    return { status: 200, json: { permission, role_name: permission, user: { login } } };
  }

  private list(kind: string, number: number, query: URLSearchParams): Reply {
    const [page, length] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 30)];
    const since = query.get('since') ?? '';
    const all = this.comments.filter(
      (comment) => comment.kind === kind && comment.number === number && comment.updatedAt >= since,
    );
    return { status: 200, json: all.slice((page - 1) * length, page * length).map(shown) };
  }

  private create(kind: 'issues' | 'pulls', number: number, body: unknown, inReplyTo: number | null): Reply {
    if (!isAcceptable(body)) return { status: 422, json: { message: 'Validation Failed' } };
    const id = 1_000 + this.comments.length;
    const { login } = this;
    const updatedAt = new Date().toISOString();
    const comment = { id, kind, number, login, body, inReplyTo, updatedAt, earlier: [] };
    this.comments.push(comment);
    return { status: 201, json: shown(comment) };
  }

  private edit(kind: string, id: number, body: unknown): Reply {
    const comment = this.comments.find((known) => known.kind === kind && known.id === id);
    if (!comment || !isAcceptable(body)) return NOT_FOUND;
    comment.earlier.push(comment.body);
    comment.body = body;
    return { status: 200, json: shown(comment) };
  }
}

function isAcceptable(body: unknown): body is string {
  return typeof body === 'string' && body !== '' && body.length <= BODY_LENGTH_MAX;
}

function shown({ id, body, login }: GithubComment): object {
  return { id, body, user: { login, type: 'User' } };
}

function send(response: ServerResponse, { status, json }: Reply, headers: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(json));
}
