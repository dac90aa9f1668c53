import type { RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { workspaceOf } from '@magistry/request-context';
import type { RunRecord } from '../domain/run.js';
import type { RunStore } from '../storage/run-store.js';
import type { Addressees } from './addressee.js';

/** Messages as the key that sent them finds them again; to any other there are none. */
export class OwnMessages {
  constructor(
    private readonly runs: RunStore,
    private readonly addressees: Addressees,
  ) {}

  /** Refuses with `not_found`. */
  async find(context: RequestContext, id: string): Promise<RunRecord> {
    const { owner } = await this.addressees.find(context);
    const run = await this.runs.find(workspaceOf(context).id, id);
    if (run?.kind === 'message' && run.sessionOwner === owner) return run;
    throw new ProblemError('not_found', 'There is no such message of this key.');
  }
}

export function sessionNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such session of this key.');
}
