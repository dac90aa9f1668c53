import { type AgentDefinition, type agents, EventLog_Framing } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, eventLogAnswer, jsonAnswer, PENDING, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import { Clock } from '../domain/clock.js';
import { limitUsedUp } from '../domain/cost-limits.js';
import { rootGrant } from '../domain/grant.js';
import { progressOf } from '../domain/progress.js';
import { logNameOf, type RunCaller, type RunRecord } from '../domain/run.js';
import { messageAnswer } from '../domain/views/message-answer.js';
import { STREAM_CLOSING } from '../domain/views/message-view.js';
import { FileReader, type ReadFile } from '../files/file-reader.js';
import { type Addressee, Addressees } from '../messages/addressee.js';
import { CREDITS_SPENT, Credits, creditsSpent } from '../messages/credits.js';
import { AgentRegistry } from '../registry/agent-registry.js';
import { Cancellation } from '../runner/cancellation.js';
import { type BegunRun, callerOf, RunStarter, type WantedRun } from '../runner/run-starter.js';
import { RunWaits } from '../runner/run-waits.js';
import { CostLimitStore } from '../storage/cost-limit-store.js';
import type { Queryable } from '../storage/database.js';
import { IntegrationStore } from '../storage/integration-store.js';
import { RunLog } from '../storage/run-log.js';
import { type SessionKey, SessionStore } from '../storage/session-store.js';

type Asked = PublicRequest<typeof agents.sendMessage>;

interface Wanted {
  readonly caller: RunCaller;
  readonly addressee: Addressee;
  readonly session: SessionKey;
  readonly attachments: readonly ReadFile[];
}

/** POST /api/v1/messages (seed 002): whole, or as a stream. A retry under the same key is the same message. */
@Injectable()
export class SendMessage {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly addressees: Addressees,
    private readonly files: FileReader,
    private readonly credits: Credits,
    private readonly limits: CostLimitStore,
    private readonly starter: RunStarter,
    private readonly waits: RunWaits,
    private readonly cancellation: Cancellation,
    private readonly sessions: SessionStore,
    private readonly integrations: IntegrationStore,
    private readonly log: RunLog,
    private readonly clock: Clock,
  ) {}

  async execute(request: Asked): Promise<Answer> {
    const { context, body } = request;
    const addressee = await this.addressees.find(context, body.agent);
    const { run, headers } =
      (await this.starter.findRepeated(context)) ?? (await this.begin(request, addressee));
    if (body.stream) {
      const followed = { after: 0, framing: EventLog_Framing.EVENT_STREAM, closing: STREAM_CLOSING };
      return { ...eventLogAnswer({ name: logNameOf(run), ...followed }), headers };
    }
    const ended = await this.waits.untilEnded(run, context);
    if (!ended) return PENDING;
    return { ...jsonAnswer(messageAnswer(ended, progressOf(await this.log.read(run)))), headers };
  }

  private async begin(request: Asked, addressee: Addressee): Promise<BegunRun> {
    const { context, body } = request;
    const session = sessionOf(request, addressee);
    const caller = { ...callerOf(context), scopes: [...addressee.scopes] };
    const attachments = await this.files.read(body.attachments, 'attachments');
    return this.starter.begin(
      context,
      caller,
      (transaction) => this.wanted(transaction, request, { caller, addressee, session, attachments }),
      async (message, isHere) => {
        const isPaid = await this.charge(message, addressee);
        if (isPaid && !isHere) this.credits.note(message);
        if (body.on_busy === 'interrupt') await this.interrupt(session, message);
        return { isPaid };
      },
    );
  }

  private definitionFor(
    transaction: Queryable,
    workspaceId: number,
    { slug, integration }: Addressee,
  ): Promise<AgentDefinition> {
    return this.registry.find(workspaceId, slug, transaction).catch((error: unknown) => {
      if (!integration || !(error instanceof ProblemError) || error.code !== 'agent_not_found') throw error;
      throw new ProblemError('integration_inactive', `The agent of this integration, ${slug}, was removed.`);
    });
  }

  /** Whether it is paid by now. */
  private async charge(message: RunRecord, { integration }: Addressee): Promise<boolean> {
    const charge = await this.credits.charge(message);
    if (charge !== 'spent') return charge === 'charged';
    // One that another process has answered meanwhile stands.
    const isRefused = await this.cancellation.refuse(message, CREDITS_SPENT, (transaction) =>
      this.credits.refuse(transaction, message, integration?.id),
    );
    if (isRefused) throw creditsSpent();
    return false;
  }

  /** Those that were sent later are not interrupted by this one: of many at once the last is answered. */
  private async interrupt(session: SessionKey, { turn }: RunRecord): Promise<void> {
    for (const id of await this.sessions.openMessages(session, turn ?? 0))
      await this.cancellation.cancel(session.workspaceId, id);
  }

  private async wanted(
    transaction: Queryable,
    { body }: Asked,
    { caller, addressee, session, attachments }: Wanted,
  ): Promise<WantedRun> {
    const now = this.clock.date();
    const { workspaceId, owner, id: sessionId } = session;
    const { integration } = addressee;
    const [definition, usedUp, hasCredit, place] = await Promise.all([
      this.definitionFor(transaction, workspaceId, addressee),
      this.limits.findUsedUp(transaction, workspaceId, caller, now),
      integration === undefined || this.integrations.useCredit(transaction, workspaceId, integration, now),
      this.sessions.enter(transaction, session, now),
    ]);
    if (usedUp) throw limitUsedUp(usedUp, caller, now);
    if (!hasCredit) throw creditsSpent();
    const { conversationId, turn, isBusy } = place;
    if (isBusy && body.on_busy === 'reject')
      throw new ProblemError('conflict', 'An earlier message of this session is not answered yet.');
    // From here on the session is this message's: its messages are as old as their turns say.
    const createdAt = this.clock.date();
    const id = `msg_${ulid(createdAt.getTime())}`;
    return {
      ...{ workspaceId, id, kind: 'message', definition, grant: rootGrant(definition) },
      input: {
        ...{ content: body.content, verbosity: body.verbosity, conversationId },
        ...(attachments.length > 0 && { hasAttachments: true as const }),
      },
      attachments,
      ...{ rootId: id, parentId: null, parentCallId: null, sessionOwner: owner, sessionId, turn },
      createdAt,
      deadlineAt: new Date(createdAt.getTime() + definition.time_limit_s * 1_000),
      events: [{ kind: 'started' }, { kind: 'message-started' }],
      isDue: !isBusy,
    };
  }
}

function sessionOf({ context, body }: Asked, { owner }: Addressee): SessionKey {
  const { id: workspaceId } = workspaceOf(context);
  // One name for all attempts of a request: a retry is in the session of the first.
  return { workspaceId, owner, id: body.session_id ?? `ses_${ulid()}` };
}
