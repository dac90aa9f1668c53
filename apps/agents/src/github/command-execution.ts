import type { AgentDefinition, Workspace } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Clock } from '../domain/clock.js';
import type { CommandState } from '../domain/github/command.js';
import { markerOf } from '../domain/github/marker.js';
import {
  endedComment,
  faultComment,
  runningComment,
  schemaFaultLines,
  stepOf,
} from '../domain/github/status-comment.js';
import { schemaFaults } from '../domain/json-schema.js';
import type { AgentRegistry } from '../registry/agent-registry.js';
import type { CommandLease, GithubCommands } from '../storage/github-commands.js';
import type { ActingWorkspace } from './acting-workspace.js';
import type { CommandRuns } from './command-runs.js';
import type { GithubApi } from './github-api.js';

export interface CommandSurroundings {
  readonly api: GithubApi;
  readonly commands: GithubCommands;
  readonly runs: CommandRuns;
  readonly registry: AgentRegistry;
  readonly workspace: ActingWorkspace;
  readonly clock: Clock;
  /** A comment is not edited more often than so. */
  readonly editEveryMs: number;
}

/** How a command ended, and why where that is not plain. */
interface CommandEnd {
  readonly state: Exclude<CommandState, 'open'>;
  readonly reason: string | null;
}

const ANSWERED: CommandEnd = { state: 'answered', reason: null };
/** What the API calls write permission or more; `author_association` tells less than that. */
const MAY_COMMAND: ReadonlySet<string> = new Set(['admin', 'maintain', 'write']);

/**
 * Answers one command from wherever its row says that it is: permission, run, comment, the comment along the run. What
 * is done outside is noted before it begins or when it is known, so that nobody who takes over does it twice.
 */
export class CommandExecution {
  private commentId: number | null;
  private isCommentBegun: boolean;

  constructor(
    private readonly surroundings: CommandSurroundings,
    private readonly lease: CommandLease,
    private readonly signal: AbortSignal,
  ) {
    this.commentId = lease.command.commentId;
    this.isCommentBegun = lease.command.isCommentBegun;
  }

  /** Throws what the worker then puts the command off for, or gives it up. */
  async execute(): Promise<void> {
    const { commands, clock } = this.surroundings;
    const end = await this.answer();
    await commands.note(this.lease, { end: { ...end, at: clock.date() } });
  }

  private async answer(): Promise<CommandEnd> {
    const { command } = this.lease;
    if (command.runId !== null && command.runWorkspaceId !== null)
      return this.tell({ workspaceId: command.runWorkspaceId, id: command.runId });
    const workspace = await this.surroundings.workspace.find();
    const definition = await this.find(workspace);
    if (!definition) return { state: 'ignored', reason: `there is no agent ${command.slug}` };
    const refusal = await this.refusal();
    if (refusal !== undefined) return { state: 'refused', reason: refusal };
    const faults = this.faultsOf(definition);
    if (faults.length > 0) {
      await this.show(faultComment(command, faults));
      return { state: 'answered', reason: faults.join(' ') };
    }
    const { workspaceId, id } = await this.surroundings.runs.begin(command, workspace, definition);
    await this.surroundings.commands.note(this.lease, { run: { workspaceId, id } });
    return this.tell({ workspaceId, id });
  }

  /** Most that is mentioned on GitHub is a person's name. */
  private find({ id }: Workspace): Promise<AgentDefinition | undefined> {
    return this.surroundings.registry.find(id, this.lease.command.slug).catch((error: unknown) => {
      if (error instanceof ProblemError && error.code === 'agent_not_found') return undefined;
      throw error;
    });
  }

  /** Why the command is not followed. Strangers are not told: they could make us write comments. */
  private async refusal(): Promise<string | undefined> {
    const { api } = this.surroundings;
    const { thread, sender, author } = this.lease.command;
    const own = await api.login();
    for (const login of new Set([sender, author])) {
      if (login === own) return `${login} is whom our own comments are from`;
      const permission = await api.permission(thread, login);
      if (!MAY_COMMAND.has(permission)) return `${login} has the permission "${permission}" alone`;
    }
    return undefined;
  }

  private faultsOf({ payload_schema }: AgentDefinition): string[] {
    const { fault, payload } = this.lease.command;
    return fault !== null ? [fault] : schemaFaultLines(schemaFaults(payload_schema, payload));
  }

  /** The comment along the run, to its end. */
  private async tell(key: { workspaceId: number; id: string }): Promise<CommandEnd> {
    const { runs, clock, editEveryMs } = this.surroundings;
    const { command } = this.lease;
    let told: string | undefined;
    let editedAt = Number.NEGATIVE_INFINITY;
    for await (const { run, events } of runs.follow(key)) {
      this.signal.throwIfAborted();
      if (run.status !== 'running') {
        await this.show(endedComment(command, run));
        break;
      }
      const steps = events.map(stepOf).filter((step) => step !== undefined);
      const body = runningComment(command, run.id, steps);
      if (body === told || clock.now() - editedAt < editEveryMs) continue;
      await this.show(body);
      [told, editedAt] = [body, clock.now()];
    }
    return ANSWERED;
  }

  private async show(body: string): Promise<void> {
    const { api, commands } = this.surroundings;
    const { thread } = this.lease.command;
    // Nobody who was taken for dead says again what has become otherwise.
    await commands.note(this.lease, {});
    if (this.commentId === null && this.isCommentBegun) await this.adopt();
    if (this.commentId === null) await this.create(body);
    else await api.editComment(thread, this.commentId, body);
  }

  /** Whoever began the comment may not have lived to note its id. */
  private async adopt(): Promise<void> {
    const { id, thread, createdAt } = this.lease.command;
    const found = await this.surroundings.api.findComment(thread, markerOf(id), createdAt);
    if (found !== undefined) await this.noteComment(found);
  }

  private async create(body: string): Promise<void> {
    const { api, commands } = this.surroundings;
    await commands.note(this.lease, { isCommentBegun: true });
    this.isCommentBegun = true;
    await this.noteComment(await api.createComment(this.lease.command.thread, body));
  }

  private async noteComment(commentId: number): Promise<void> {
    await this.surroundings.commands.note(this.lease, { commentId });
    this.commentId = commentId;
  }
}
