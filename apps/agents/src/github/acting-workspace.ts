import { create } from '@bufbuild/protobuf';
import { identity, type Workspace, WorkspaceSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { type GithubSettings, WORKSPACE } from './github-settings.js';
import { GivenUp } from './given-up.js';

const PRINCIPAL = 'system:agents';
const DEADLINE_MS = 2_000;
const KEPT_MS = 60_000;

/** The workspace that commands from GitHub act in, as identity knows it; asked for once a minute. */
export class ActingWorkspace {
  private kept: { readonly at: number; readonly workspace: Workspace } | undefined;

  constructor(
    private readonly caller: Caller,
    private readonly slug: GithubSettings['workspace'],
    private readonly now: () => number,
  ) {}

  /** Throws `GivenUp` where there is none. */
  async find(): Promise<Workspace> {
    if (this.kept && this.now() - this.kept.at < KEPT_MS) return this.kept.workspace;
    if (this.slug === undefined) throw new GivenUp(`${WORKSPACE} is not set`);
    const asked = { principalId: PRINCIPAL, selector: this.slug };
    const context = systemContext('agents', { deadlineMs: DEADLINE_MS });
    const { workspace } = await this.caller
      .call(identity.resolveWorkspace, asked, context)
      .catch((error: unknown) => {
        if (error instanceof ProblemError && error.code === 'not_found')
          throw new GivenUp(`there is no workspace ${this.slug}, which ${WORKSPACE} names`);
        throw error;
      });
    if (!workspace) throw new Error('identity answered without a workspace');
    const { id, slug, tier, isSandbox } = workspace;
    this.kept = { at: this.now(), workspace: create(WorkspaceSchema, { id, slug, tier, isSandbox }) };
    return this.kept.workspace;
  }
}
