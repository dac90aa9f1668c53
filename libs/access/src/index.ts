export { ACCESS_TOKEN_PREFIX, isAccessToken } from './access-token.js';
export { type ApiKey, type ApiKeyPrefix, mintApiKey, parseApiKey } from './api-key.js';
export { allows, covers, isGivenByName, isWellFormedScope, narrowed } from './scopes.js';
