import type { decisions } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import type { HeadReader } from '../storage/head-reader.js';

type Operation = typeof decisions.getLedgerHead;

/** Asked by the planner before it judges. */
export class GetLedgerHead {
  constructor(private readonly reader: HeadReader) {}

  async execute({ context }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { killSwitch, policyVersion, policyJson } = await this.reader.head(workspaceOf(context).id);
    return { killSwitchEngaged: killSwitch.engaged, policyVersion, policyJson };
  }
}
