import { identity } from '@magistry/contracts';
import { type CallRequest, Handles } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CreateApiKey } from './operations/create-api-key.js';
import { CreateOauthClient } from './operations/create-oauth-client.js';
import { CreatePartner } from './operations/create-partner.js';
import { CreatePartnerKey } from './operations/create-partner-key.js';
import { CreateWorkspace } from './operations/create-workspace.js';
import { FindWorkspace } from './operations/find-workspace.js';
import { GetCredentialEpoch } from './operations/get-credential-epoch.js';
import { GetHttpAddress } from './operations/get-http-address.js';
import { InstallPartner } from './operations/install-partner.js';
import { ListPartners } from './operations/list-partners.js';
import { ListWorkspaceKeys } from './operations/list-workspace-keys.js';
import { ListWorkspaces } from './operations/list-workspaces.js';
import { ReadOutbox } from './operations/read-outbox.js';
import { RecordKeyUses } from './operations/record-key-uses.js';
import { ResolveCredential } from './operations/resolve-credential.js';
import { ResolveWorkspace } from './operations/resolve-workspace.js';
import { RevokeWorkspaceKey } from './operations/revoke-workspace-key.js';
import { SetPartnerStatus } from './operations/set-partner-status.js';
import { SetWorkspaceTier } from './operations/set-workspace-tier.js';
import { SpendBuildCredit } from './operations/spend-build-credit.js';

@Controller()
export class IdentityController {
  constructor(
    private readonly resolveCredentialOperation: ResolveCredential,
    private readonly resolveWorkspaceOperation: ResolveWorkspace,
    private readonly createWorkspaceOperation: CreateWorkspace,
    private readonly createApiKeyOperation: CreateApiKey,
    private readonly createPartnerOperation: CreatePartner,
    private readonly createPartnerKeyOperation: CreatePartnerKey,
    private readonly installPartnerOperation: InstallPartner,
    private readonly findWorkspaceOperation: FindWorkspace,
    private readonly listWorkspacesOperation: ListWorkspaces,
    private readonly setWorkspaceTierOperation: SetWorkspaceTier,
    private readonly listWorkspaceKeysOperation: ListWorkspaceKeys,
    private readonly revokeWorkspaceKeyOperation: RevokeWorkspaceKey,
    private readonly listPartnersOperation: ListPartners,
    private readonly setPartnerStatusOperation: SetPartnerStatus,
    private readonly getCredentialEpochOperation: GetCredentialEpoch,
    private readonly recordKeyUsesOperation: RecordKeyUses,
    private readonly spendBuildCreditOperation: SpendBuildCredit,
    private readonly readOutboxOperation: ReadOutbox,
    private readonly getHttpAddressOperation: GetHttpAddress,
    private readonly createOauthClientOperation: CreateOauthClient,
  ) {}

  @Handles(identity.resolveCredential)
  resolveCredential(request: CallRequest<typeof identity.resolveCredential>) {
    return this.resolveCredentialOperation.execute(request);
  }

  @Handles(identity.resolveWorkspace)
  resolveWorkspace(request: CallRequest<typeof identity.resolveWorkspace>) {
    return this.resolveWorkspaceOperation.execute(request);
  }

  @Handles(identity.createWorkspace)
  createWorkspace(request: CallRequest<typeof identity.createWorkspace>) {
    return this.createWorkspaceOperation.execute(request);
  }

  @Handles(identity.createApiKey)
  createApiKey(request: CallRequest<typeof identity.createApiKey>) {
    return this.createApiKeyOperation.execute(request);
  }

  @Handles(identity.createPartner)
  createPartner(request: CallRequest<typeof identity.createPartner>) {
    return this.createPartnerOperation.execute(request);
  }

  @Handles(identity.createPartnerKey)
  createPartnerKey(request: CallRequest<typeof identity.createPartnerKey>) {
    return this.createPartnerKeyOperation.execute(request);
  }

  @Handles(identity.installPartner)
  installPartner(request: CallRequest<typeof identity.installPartner>) {
    return this.installPartnerOperation.execute(request);
  }

  @Handles(identity.findWorkspace)
  findWorkspace(request: CallRequest<typeof identity.findWorkspace>) {
    return this.findWorkspaceOperation.execute(request);
  }

  @Handles(identity.listWorkspaces)
  listWorkspaces(request: CallRequest<typeof identity.listWorkspaces>) {
    return this.listWorkspacesOperation.execute(request);
  }

  @Handles(identity.setWorkspaceTier)
  setWorkspaceTier(request: CallRequest<typeof identity.setWorkspaceTier>) {
    return this.setWorkspaceTierOperation.execute(request);
  }

  @Handles(identity.listWorkspaceKeys)
  listWorkspaceKeys(request: CallRequest<typeof identity.listWorkspaceKeys>) {
    return this.listWorkspaceKeysOperation.execute(request);
  }

  @Handles(identity.revokeWorkspaceKey)
  revokeWorkspaceKey(request: CallRequest<typeof identity.revokeWorkspaceKey>) {
    return this.revokeWorkspaceKeyOperation.execute(request);
  }

  @Handles(identity.listPartners)
  listPartners(request: CallRequest<typeof identity.listPartners>) {
    return this.listPartnersOperation.execute(request);
  }

  @Handles(identity.setPartnerStatus)
  setPartnerStatus(request: CallRequest<typeof identity.setPartnerStatus>) {
    return this.setPartnerStatusOperation.execute(request);
  }

  @Handles(identity.getCredentialEpoch)
  getCredentialEpoch(request: CallRequest<typeof identity.getCredentialEpoch>) {
    return this.getCredentialEpochOperation.execute(request);
  }

  @Handles(identity.recordKeyUses)
  recordKeyUses(request: CallRequest<typeof identity.recordKeyUses>) {
    return this.recordKeyUsesOperation.execute(request);
  }

  @Handles(identity.readOutbox)
  readOutbox(request: CallRequest<typeof identity.readOutbox>) {
    return this.readOutboxOperation.execute(request);
  }

  @Handles(identity.createOauthClient)
  createOauthClient(request: CallRequest<typeof identity.createOauthClient>) {
    return this.createOauthClientOperation.execute(request);
  }

  @Handles(identity.getHttpAddress)
  getHttpAddress(request: CallRequest<typeof identity.getHttpAddress>) {
    return this.getHttpAddressOperation.execute(request);
  }

  @Handles(identity.spendBuildCredit)
  spendBuildCredit(request: CallRequest<typeof identity.spendBuildCredit>) {
    return this.spendBuildCreditOperation.execute(request);
  }
}
