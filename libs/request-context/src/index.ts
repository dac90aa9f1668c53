export {
  keepRequestId,
  keepTraceparent,
  type LoggedRequest,
  loggedRequest,
  newRequestId,
  remainingMs,
  systemContext,
  traceIdOf,
} from './context.js';
export { ulidFactory } from './random.js';
export { principalOf, workspaceOf } from './required.js';
