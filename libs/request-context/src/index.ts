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
export { principalOf, workspaceOf } from './required.js';
