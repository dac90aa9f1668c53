export { JobBell } from './job-bell.js';
export { JobWorker } from './job-worker.js';
export { RedisScripts } from './redis-script.js';
