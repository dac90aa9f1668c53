import {
  ReadOutboxRequestSchema,
  ReadOutboxResponseSchema,
} from './generated/magistry/envelope/v1/outbox_pb.js';
import {
  GetCredentialEpochRequestSchema,
  GetCredentialEpochResponseSchema,
  RecordKeyUsesRequestSchema,
  RecordKeyUsesResponseSchema,
  SpendBuildCreditRequestSchema,
  SpendBuildCreditResponseSchema,
} from './generated/magistry/identity/v1/credentials_pb.js';
import {
  CreateApiKeyRequestSchema,
  CreateApiKeyResponseSchema,
  CreatePartnerKeyRequestSchema,
  CreatePartnerKeyResponseSchema,
  CreatePartnerRequestSchema,
  CreatePartnerResponseSchema,
  CreateWorkspaceRequestSchema,
  CreateWorkspaceResponseSchema,
  FindWorkspaceRequestSchema,
  FindWorkspaceResponseSchema,
  InstallPartnerRequestSchema,
  InstallPartnerResponseSchema,
  ListPartnersRequestSchema,
  ListPartnersResponseSchema,
  ListWorkspaceKeysRequestSchema,
  ListWorkspaceKeysResponseSchema,
  ListWorkspacesRequestSchema,
  ListWorkspacesResponseSchema,
  ResolveCredentialRequestSchema,
  ResolveCredentialResponseSchema,
  ResolveWorkspaceRequestSchema,
  ResolveWorkspaceResponseSchema,
  RevokeWorkspaceKeyRequestSchema,
  RevokeWorkspaceKeyResponseSchema,
  SetPartnerStatusRequestSchema,
  SetPartnerStatusResponseSchema,
  SetWorkspaceTierRequestSchema,
  SetWorkspaceTierResponseSchema,
} from './generated/magistry/identity/v1/identity_pb.js';
import {
  CreateOauthClientRequestSchema,
  CreateOauthClientResponseSchema,
  GetHttpAddressRequestSchema,
  GetHttpAddressResponseSchema,
} from './generated/magistry/identity/v1/oauth_pb.js';
import { serviceCall } from './operation.js';

export * from './api-keys.js';
export * from './entitlements.js';
export * from './members.js';
export * from './partners.js';
export * from './service-credentials.js';
export * from './workspaces.js';

export const resolveCredential = serviceCall({
  name: 'identity.resolve-credential',
  request: ResolveCredentialRequestSchema,
  response: ResolveCredentialResponseSchema,
});

export const resolveWorkspace = serviceCall({
  name: 'identity.resolve-workspace',
  request: ResolveWorkspaceRequestSchema,
  response: ResolveWorkspaceResponseSchema,
});

export const createWorkspace = serviceCall({
  name: 'identity.create-workspace',
  request: CreateWorkspaceRequestSchema,
  response: CreateWorkspaceResponseSchema,
});

export const createApiKey = serviceCall({
  name: 'identity.create-api-key',
  request: CreateApiKeyRequestSchema,
  response: CreateApiKeyResponseSchema,
});

export const createPartner = serviceCall({
  name: 'identity.create-partner',
  request: CreatePartnerRequestSchema,
  response: CreatePartnerResponseSchema,
});

export const createPartnerKey = serviceCall({
  name: 'identity.create-partner-key',
  request: CreatePartnerKeyRequestSchema,
  response: CreatePartnerKeyResponseSchema,
});

export const installPartner = serviceCall({
  name: 'identity.install-partner',
  request: InstallPartnerRequestSchema,
  response: InstallPartnerResponseSchema,
});

// What an operator asks; a person's key reaches none of it.

export const findWorkspace = serviceCall({
  name: 'identity.find-workspace',
  request: FindWorkspaceRequestSchema,
  response: FindWorkspaceResponseSchema,
});

export const listWorkspaces = serviceCall({
  name: 'identity.list-workspaces',
  request: ListWorkspacesRequestSchema,
  response: ListWorkspacesResponseSchema,
});

export const setWorkspaceTier = serviceCall({
  name: 'identity.set-workspace-tier',
  request: SetWorkspaceTierRequestSchema,
  response: SetWorkspaceTierResponseSchema,
});

export const listWorkspaceKeys = serviceCall({
  name: 'identity.list-workspace-keys',
  request: ListWorkspaceKeysRequestSchema,
  response: ListWorkspaceKeysResponseSchema,
});

export const revokeWorkspaceKey = serviceCall({
  name: 'identity.revoke-workspace-key',
  request: RevokeWorkspaceKeyRequestSchema,
  response: RevokeWorkspaceKeyResponseSchema,
});

export const listPartners = serviceCall({
  name: 'identity.list-partners',
  request: ListPartnersRequestSchema,
  response: ListPartnersResponseSchema,
});

export const setPartnerStatus = serviceCall({
  name: 'identity.set-partner-status',
  request: SetPartnerStatusRequestSchema,
  response: SetPartnerStatusResponseSchema,
});

export const getCredentialEpoch = serviceCall({
  name: 'identity.get-credential-epoch',
  request: GetCredentialEpochRequestSchema,
  response: GetCredentialEpochResponseSchema,
  deadlineMs: 1_000,
});

export const recordKeyUses = serviceCall({
  name: 'identity.record-key-uses',
  request: RecordKeyUsesRequestSchema,
  response: RecordKeyUsesResponseSchema,
});

/** For the consumer of identity's audit events that sees a gap in (shard, position). */
export const readOutbox = serviceCall({
  name: 'identity.read-outbox',
  request: ReadOutboxRequestSchema,
  response: ReadOutboxResponseSchema,
});

/** Shards of identity's events: few, and to be read in one order. More can be added, none taken away. */
export const AUDIT_SHARDS = 1;

export const createOauthClient = serviceCall({
  name: 'identity.create-oauth-client',
  request: CreateOauthClientRequestSchema,
  response: CreateOauthClientResponseSchema,
});

export const getHttpAddress = serviceCall({
  name: 'identity.get-http-address',
  request: GetHttpAddressRequestSchema,
  response: GetHttpAddressResponseSchema,
  deadlineMs: 1_500,
});

export const spendBuildCredit = serviceCall({
  name: 'identity.spend-build-credit',
  request: SpendBuildCreditRequestSchema,
  response: SpendBuildCreditResponseSchema,
});

/** Broadcast, without content: what is remembered of credentials and admissions may no longer hold. */
export const CREDENTIALS_CHANGED = 'identity.credentials-changed';
