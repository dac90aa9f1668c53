import {
  GetCredentialEpochRequestSchema,
  GetCredentialEpochResponseSchema,
  RecordKeyUsesRequestSchema,
  RecordKeyUsesResponseSchema,
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
  InstallPartnerRequestSchema,
  InstallPartnerResponseSchema,
  ResolveCredentialRequestSchema,
  ResolveCredentialResponseSchema,
  ResolveWorkspaceRequestSchema,
  ResolveWorkspaceResponseSchema,
} from './generated/magistry/identity/v1/identity_pb.js';
import { serviceCall } from './operation.js';

export * from './api-keys.js';
export * from './entitlements.js';
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

/** Broadcast, without content: what is remembered of credentials and admissions may no longer hold. */
export const CREDENTIALS_CHANGED = 'identity.credentials-changed';
