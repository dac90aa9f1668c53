export { keepRequestId, keepTraceparent, newRequestId, remainingMs, systemContext } from './context.js';
export { principalOf, workspaceOf } from './required.js';
