import * as agents from './agents.js';
import * as decisions from './decisions.js';
import * as escalations from './escalations.js';
import * as identity from './identity.js';
import type { PublicOperation } from './operation.js';
import * as planner from './planner.js';
import * as webhooks from './webhooks.js';

export type { AgentChange, AgentDefinition, NewAgent } from './agents.js';
export * as agents from './agents.js';
export { AUDIT_ACTIONS, type AuditAction } from './audit-actions.js';
export { type DecisionRow, type DecisionStatus, decisionRow, judgeVerdict } from './decision-row.js';
export { readAttribution, readReversal } from './decision-texts.js';
export * as decisions from './decisions.js';
export { storableDocument } from './documents.js';
export { codeIn, codesIn, type ErrorStyle, errorStyleOf } from './error-styles.js';
export * as escalations from './escalations.js';
export { eventLogSubject } from './event-logs.js';
export { day, emailAddress, instant, money, text, tier, toMinor } from './fields.js';
export {
  FILE_BYTES_MAX,
  FILE_TYPES,
  FILES_BYTES_MAX,
  FILES_MAX,
  type FileType,
  fileName,
  IMAGE_TYPES,
  type SentFile,
  sentFile,
  TEXT_TYPES,
  type TextType,
} from './files.js';
export * from './generated/magistry/agents/v1/events_pb.js';
export * from './generated/magistry/agents/v1/github_pb.js';
export * from './generated/magistry/agents/v1/integrations_pb.js';
export * from './generated/magistry/decisions/v1/append_pb.js';
export * from './generated/magistry/decisions/v1/events_pb.js';
export * from './generated/magistry/decisions/v1/operator_pb.js';
export * from './generated/magistry/decisions/v1/read_pb.js';
export * from './generated/magistry/envelope/v1/envelope_pb.js';
export * from './generated/magistry/envelope/v1/outbox_pb.js';
export * from './generated/magistry/identity/v1/credentials_pb.js';
export * from './generated/magistry/identity/v1/events_pb.js';
export * from './generated/magistry/identity/v1/identity_pb.js';
export * from './generated/magistry/identity/v1/people_pb.js';
export * from './generated/magistry/identity/v1/service_credentials_pb.js';
export * from './generated/magistry/webhooks/v1/signing_keys_pb.js';
export * as identity from './identity.js';
export { compileJsonSchema, type SchemaCheck, UnusableSchema } from './json-schemas.js';
export {
  type IdempotencyRule,
  type Method,
  type Operation,
  operationOn,
  type PublicOperation,
  type RequestHeader,
  type Route,
  type Sample,
  type ServiceCall,
} from './operation.js';
export * as planner from './planner.js';
export { getReadiness, SERVICES, type Service } from './platform.js';
export { PLATFORM_SCOPES, SCOPES_BY_NAME } from './platform-scopes.js';
export { ROLES, type Role } from './roles.js';
export { SERVICE_TOKEN_SECONDS, SERVICE_TOKEN_TYPE } from './service-credentials.js';
export { TIERS, type Tier } from './tiers.js';
export {
  API_VERSIONS,
  type ApiVersion,
  CURRENT_API_VERSION,
  eventAt,
  schemasAt,
  VERSION_CHANGES,
  versionChain,
} from './versions/published.js';
export { chainOf, type VersionChain } from './versions/version-chain.js';
export type { OperationChange, VersionChange, VersionedRequest } from './versions/version-change.js';
export type { EventCondition } from './webhook-endpoints.js';
export * as webhooks from './webhooks.js';

/** Every public operation: what the gateway routes, in the order of the reference pages. */
export const publicOperations: readonly PublicOperation[] = [
  decisions,
  escalations,
  planner,
  identity,
  webhooks,
  agents,
]
  .flatMap((service): unknown[] => Object.values(service))
  .filter(isPublicOperation);

function isPublicOperation(value: unknown): value is PublicOperation {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'public';
}
