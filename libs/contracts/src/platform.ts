import {
  GetReadinessRequestSchema,
  GetReadinessResponseSchema,
} from './generated/magistry/envelope/v1/envelope_pb.js';
import { serviceCall } from './operation.js';

/** The services behind the gateway, each on subjects `<service>.…`. */
export const SERVICES = ['identity', 'planner', 'decisions', 'webhooks', 'agents'] as const;
export type Service = (typeof SERVICES)[number];

/** Asked by the gateway's /ready; answered by every service's transport. */
export function getReadiness(service: string) {
  return serviceCall({
    name: `${service}.get-readiness`,
    request: GetReadinessRequestSchema,
    response: GetReadinessResponseSchema,
    deadlineMs: 1_000,
  });
}
