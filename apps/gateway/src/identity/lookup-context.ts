import type { RequestContext } from '@magistry/contracts';
import { systemContext } from '@magistry/request-context';

/** Below two seconds, so that a caller hears of an outage within them. */
const LOOKUP_DEADLINE_MS = 1_500;

/** In whose name, and for how long, identity is asked about a credential. */
export function lookupContext(): RequestContext {
  return systemContext('gateway', { deadlineMs: LOOKUP_DEADLINE_MS });
}
