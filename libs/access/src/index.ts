export { allows, isWellFormedScope } from './scopes.js';
