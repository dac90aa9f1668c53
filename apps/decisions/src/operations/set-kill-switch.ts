import { decisions } from '@magistry/contracts';
import { appendedAnswer } from '@magistry/idempotency';
import type { Answer, Caller, PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';

/** PUT /v1/killswitch: once it is answered, no later row of the workspace is APPLIED. */
export class SetKillSwitch {
  constructor(private readonly caller: Caller) {}

  async execute({ context, body }: PublicRequest<typeof decisions.setKillSwitch>): Promise<Answer> {
    const subject = decisions.appendSubject(workspaceOf(context).id);
    const message = { command: { case: 'setKillSwitch', value: body } } as const;
    return appendedAnswer(await this.caller.call(decisions.append, message, context, subject));
  }
}
