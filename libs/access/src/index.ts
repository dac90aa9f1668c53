export { type ApiKey, type ApiKeyPrefix, mintApiKey, parseApiKey } from './api-key.js';
export { allows, isWellFormedScope } from './scopes.js';
