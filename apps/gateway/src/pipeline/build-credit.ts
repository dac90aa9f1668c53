import { identity, type RequestContext } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import type { Exchange } from './exchange.js';

/**
 * Whether the request is a write in a partner's sandbox. Reads are free, and so is the kill switch; what the limits
 * refuse and what is replayed costs nothing, since it never comes so far.
 */
export function costsBuildCredit({ workspace, operation }: Exchange): boolean {
  return workspace.isSandbox && operation.rateClass === 'write';
}

/** Refuses with `feature_limit_reached` where none is left today. */
export async function spendBuildCredit(caller: Caller, context: RequestContext): Promise<void> {
  await caller.call(identity.spendBuildCredit, {}, context);
}
