import {
  GetGithubHealthRequestSchema,
  GetGithubHealthResponseSchema,
  ReceiveGithubEventRequestSchema,
  ReceiveGithubEventResponseSchema,
} from './generated/magistry/agents/v1/github_pb.js';
import { serviceCall } from './operation.js';

/** Of GitHub's deliveries (seed 004); the gateway refuses a larger one with 413. */
export const GITHUB_BODY_BYTES_MAX = 10 * 1024 * 1024;

/** GitHub gives up after 10 s; until then the database may take its time. */
const RECEIVE_DEADLINE_MS = 8_000;

/** Asked by the gateway for `POST /api/v1/github/webhook`. */
export const receiveGithubEvent = serviceCall({
  name: 'agents.receive-github-event',
  request: ReceiveGithubEventRequestSchema,
  response: ReceiveGithubEventResponseSchema,
  deadlineMs: RECEIVE_DEADLINE_MS,
});

/** Asked by the gateway for `GET /api/v1/github/health`. */
export const getGithubHealth = serviceCall({
  name: 'agents.get-github-health',
  request: GetGithubHealthRequestSchema,
  response: GetGithubHealthResponseSchema,
});
