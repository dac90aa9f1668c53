export { type DestinationPolicy, readDestination } from './destination.js';
export { EgressError, type EgressFailure } from './failures.js';
export { type Exchange, GuardedClient } from './guarded-client.js';
export { type GuardedFetch, guardedFetch } from './guarded-fetch.js';
