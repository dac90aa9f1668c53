import { hash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { type AgentDefinition, decisions, IdempotencySchema, type Workspace } from '@magistry/contracts';
import type { LivePages } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Clock } from '../domain/clock.js';
import type { GithubCommand } from '../domain/github/command.js';
import { logNameOf, type Run, type RunRecord } from '../domain/run.js';
import type { RunEvent } from '../domain/run-event.js';
import { mainRun } from '../runner/main-run.js';
import { callerOf, type RunStarter } from '../runner/run-starter.js';
import type { RunStore } from '../storage/run-store.js';

/** All that tools may do on behalf of somebody on GitHub: look, never write. */
const SCOPES = [decisions.listDecisions.scope, decisions.getKillSwitch.scope];
const BEGIN_DEADLINE_MS = 5_000;
const PAGE_EVENTS_MAX = 500;
/** What was told in vain is seen this much later. */
const LOOK_EVERY_MS = 1_000;

/** How a run stands, with everything that its log shows. */
export interface FollowedRun {
  readonly run: RunRecord;
  readonly events: readonly RunEvent[];
}

/** The runs of commands: begun once for a command, and followed from their logs. */
export class CommandRuns {
  constructor(
    private readonly starter: RunStarter,
    private readonly runs: RunStore,
    private readonly livePages: LivePages,
    private readonly clock: Clock,
  ) {}

  /** The command's run; the one that is there, where it was begun before. */
  async begin(command: GithubCommand, workspace: Workspace, definition: AgentDefinition): Promise<RunRecord> {
    const context = systemContext('agents', { deadlineMs: BEGIN_DEADLINE_MS, workspace });
    if (!context.principal) throw new Error('a context came without a principal');
    const id = `github:${command.sender.toLowerCase()}`;
    Object.assign(context.principal, { id, actor: id, scopes: SCOPES });
    const fingerprint = hash('sha256', command.id, 'buffer');
    context.idempotency = create(IdempotencySchema, { key: `github-command ${command.id}`, fingerprint });
    const { owner, repository, number } = command.thread;
    const metadata = { source: 'github', repository: `${owner}/${repository}`, number };
    const input = { payload: command.payload, metadata, isUntrusted: true };
    const want = async () => mainRun(workspace.id, definition, input, this.clock.date());
    return (await this.starter.begin(context, callerOf(context), want)).run;
  }

  /** Tells how the run stands, after each change and at least once a second, the last time when it has ended. */
  async *follow(key: Pick<Run, 'workspaceId' | 'id'>): AsyncGenerator<FollowedRun> {
    let wake = () => {};
    const stop = this.livePages.listen(logNameOf(key), () => wake());
    const events: RunEvent[] = [];
    try {
      for (let after = 0; ; ) {
        const told = new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, LOOK_EVERY_MS).unref();
        });
        const page = await this.runs.events(key.workspaceId, key.id, after, PAGE_EVENTS_MAX);
        if (!page) throw new Error(`the run ${key.id} is gone`);
        events.push(...page.events.map(({ event }) => event));
        after = page.events.at(-1)?.eventId ?? after;
        yield { run: page.run, events };
        if (page.run.status !== 'running') return;
        await told;
      }
    } finally {
      stop();
    }
  }
}
