import { request } from '@octokit/request';
import { type ApiVerdict, verdictOn } from '../domain/github/api-failure.js';
import type { Thread } from '../domain/github/event.js';
import { type GithubSettings, TOKEN } from './github-settings.js';
import { GivenUp } from './given-up.js';

/** Shorter than a command's lease, so that none of a dead process's requests is under way when it is taken over. */
const REQUEST_TIMEOUT_MS = 5_000;
const PAGE_LENGTH = 100;
const PAGES_MAX = 10;
const NO_SUCH_MEMBER = 404;

/** GitHub did not do what it was asked; `verdict` says what follows. */
export class GithubFailure extends Error {
  constructor(
    message: string,
    readonly verdict: ApiVerdict,
    readonly status: number | undefined,
  ) {
    super(message);
  }
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly login: string } | null;
}

/** The few things that are asked of GitHub's REST API. Throws `GithubFailure`. */
export class GithubApi {
  private readonly ask: typeof request;
  private freeAt = 0;
  private ownLogin: Promise<string | undefined> | undefined;

  constructor(
    private readonly settings: Pick<GithubSettings, 'apiUrl' | 'token'>,
    private readonly now: () => number,
  ) {
    this.ask = request.defaults({
      baseUrl: settings.apiUrl,
      headers: {
        authorization: `Bearer ${settings.token}`,
        'user-agent': 'magistry',
        'x-github-api-version': '2022-11-28',
      },
    });
  }

  /** What somebody may do in a repository: `admin`, `maintain`, `write`, `triage`, `read` or `none`. */
  async permission({ owner, repository }: Thread, username: string): Promise<string> {
    try {
      const place = { owner, repository, username };
      const data = await this.send(
        'GET /repos/{owner}/{repository}/collaborators/{username}/permission',
        place,
      );
      return String((data as { permission?: unknown }).permission);
    } catch (error) {
      if (error instanceof GithubFailure && error.status === NO_SUCH_MEMBER) return 'none';
      throw error;
    }
  }

  /** Whom the token belongs to; undefined for an app's, whose comments are a bot's. */
  login(): Promise<string | undefined> {
    this.ownLogin ??= this.send('GET /user', {}).then(
      (data) => String((data as { login?: unknown }).login),
      (error) => {
        if (error instanceof GithubFailure && error.verdict.kind === 'final') return undefined;
        this.ownLogin = undefined;
        throw error;
      },
    );
    return this.ownLogin;
  }

  /** The new comment's id. */
  async createComment(thread: Thread, body: string): Promise<number> {
    const { owner, repository, number, reviewCommentId } = thread;
    const created =
      reviewCommentId === null
        ? this.send('POST /repos/{owner}/{repository}/issues/{number}/comments', {
            owner,
            repository,
            number,
            body,
          })
        : this.send('POST /repos/{owner}/{repository}/pulls/{number}/comments/{reviewCommentId}/replies', {
            ...{ owner, repository, number, reviewCommentId, body },
          });
    return Number(((await created) as Comment).id);
  }

  async editComment(thread: Thread, commentId: number, body: string): Promise<void> {
    const { owner, repository } = thread;
    const kind = thread.reviewCommentId === null ? 'issues' : 'pulls';
    await this.send(`PATCH /repos/{owner}/{repository}/${kind}/comments/{commentId}`, {
      ...{ owner, repository, commentId, body },
    });
  }

  /** The first comment of ours that has the marker, among those of the thread since a time. */
  async findComment(thread: Thread, marker: string, since: Date): Promise<number | undefined> {
    const { owner, repository, number } = thread;
    const kind = thread.reviewCommentId === null ? 'issues' : 'pulls';
    const login = await this.login();
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const comments = (await this.send(`GET /repos/{owner}/{repository}/${kind}/{number}/comments`, {
        ...{ owner, repository, number, page, per_page: PAGE_LENGTH, since: since.toISOString() },
      })) as Comment[];
      const found = comments.find(
        ({ body, user }) => body?.includes(marker) && (login === undefined || user?.login === login),
      );
      if (found) return Number(found.id);
      if (comments.length < PAGE_LENGTH) return undefined;
    }
    return undefined;
  }

  // While a limit of the token holds, GitHub asks that nobody knocks at all.
  private async send(route: string, parameters: Record<string, unknown>): Promise<unknown> {
    const { now, settings } = this;
    if (settings.token === undefined) throw new GivenUp(`${TOKEN} is not set`);
    if (now() < this.freeAt)
      throw new GithubFailure("GitHub's rate limit holds", { kind: 'limited', freeAt: this.freeAt }, 429);
    try {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      return (await this.ask(route, { ...parameters, request: { signal } })).data;
    } catch (error) {
      const failure = failureOf(error, route, now());
      if (failure.verdict.kind === 'limited') this.freeAt = Math.max(this.freeAt, failure.verdict.freeAt);
      throw failure;
    }
  }
}

function failureOf(error: unknown, route: string, now: number): GithubFailure {
  const { status, response, message } = error as {
    status?: number;
    response?: { headers: Record<string, string | number | undefined> };
    message: string;
  };
  // Without a response the library tells a connection that failed as status 500.
  const answered = response ? status : undefined;
  const verdict = verdictOn({ status: answered, headers: response?.headers ?? {}, message }, now);
  const [method = ''] = route.split(' ', 1);
  return new GithubFailure(`${method} at GitHub: ${answered ?? 'no answer'}, ${message}`, verdict, answered);
}
