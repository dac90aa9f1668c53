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
