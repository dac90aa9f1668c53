import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AppendRequest,
  type AppendResponseSchema,
  decisions,
  escalations,
  type GetEscalatedProposalResponseSchema,
  type GetLedgerHeadResponseSchema,
  type ServiceCall,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Handler, type NatsConnection, type Served, serve } from '@magistry/messaging';

export type AppendAnswer = Exclude<MessageInitShape<typeof AppendResponseSchema>, { $typeName: string }>;
export type Head = Exclude<MessageInitShape<typeof GetLedgerHeadResponseSchema>, { $typeName: string }>;

export type Escalated = Exclude<
  MessageInitShape<typeof GetEscalatedProposalResponseSchema>,
  { $typeName: string }
>;

/** Answers the decisions service's subjects for one workspace and remembers what it was asked. */
export class LedgerDouble {
  readonly commands: AppendRequest['command'][] = [];
  readonly deadlines: number[] = [];
  headReads = 0;
  historyReads: string[] = [];
  head: Head = { policyVersion: 0, policyJson: '' };
  /** What every escalation holds; none while there is none. */
  escalated: Escalated | null = null;
  /** Given in turn, the last one for ever. */
  answers: AppendAnswer[] = [{ body: Buffer.from('{"status":"APPLIED"}') }];
  private readonly served: Served[];

  constructor(connection: NatsConnection, workspaceId: number) {
    const start = (operation: ServiceCall, handler: Handler, subject: string = operation.name) =>
      serve(connection, { subject, queue: 'decisions', operation }, handler, (_operation, _id, error) => {
        throw error;
      });
    this.served = [
      start(decisions.getLedgerHead, async () => {
        this.headReads += 1;
        return this.head;
      }),
      start(decisions.getActorHistory, async ({ message }: { message: { actor: string } }) => {
        this.historyReads.push(message.actor);
        return { applied: 0, rejected: 0, escalated: 0, reversed: 0 };
      }),
      start(escalations.getEscalatedProposal, async () => {
        if (this.escalated === null) throw new ProblemError('not_found', 'There is no such escalation.');
        return this.escalated;
      }),
      start(
        decisions.append,
        async (request: { context: { deadlineUnixMs: number }; message: AppendRequest }) => {
          this.commands.push(request.message.command);
          this.deadlines.push(request.context.deadlineUnixMs);
          return this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        },
        decisions.appendSubject(workspaceId),
      ),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.served.map((served) => served.drain()));
  }
}
