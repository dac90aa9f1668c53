import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AppendRequestSchema,
  type AppendResponse,
  decisions,
  type RequestContext,
} from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';

export type Command = Exclude<MessageInitShape<typeof AppendRequestSchema>, { $typeName: string }>['command'];

/** The one writer of the workspace's ledger. */
export class Ledger {
  constructor(private readonly caller: Caller) {}

  append(command: Command, context: RequestContext): Promise<AppendResponse> {
    const subject = decisions.appendSubject(workspaceOf(context).id);
    return this.caller.call(decisions.append, { command }, context, subject);
  }
}
