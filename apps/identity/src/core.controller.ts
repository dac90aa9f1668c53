import { identity } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CheckEntitlement } from './operations/check-entitlement.js';
import { DeleteWorkspace } from './operations/delete-workspace.js';
import { GetApiKey } from './operations/get-api-key.js';
import { GetUsageSummary } from './operations/get-usage-summary.js';
import { GetWorkspace } from './operations/get-workspace.js';
import { IssueApiKey } from './operations/issue-api-key.js';
import { ListApiKeys } from './operations/list-api-keys.js';
import { ListReachableWorkspaces } from './operations/list-reachable-workspaces.js';
import { OpenWorkspace } from './operations/open-workspace.js';
import { RecordUsage } from './operations/record-usage.js';
import { RevokeApiKey } from './operations/revoke-api-key.js';
import { RotateApiKey } from './operations/rotate-api-key.js';
import { UpdateWorkspace } from './operations/update-workspace.js';

/** What identity answers on /api/v1: workspaces, API keys, entitlements. */
@Controller()
export class CoreController {
  constructor(
    private readonly listReachableWorkspacesOperation: ListReachableWorkspaces,
    private readonly getWorkspaceOperation: GetWorkspace,
    private readonly openWorkspaceOperation: OpenWorkspace,
    private readonly updateWorkspaceOperation: UpdateWorkspace,
    private readonly deleteWorkspaceOperation: DeleteWorkspace,
    private readonly listApiKeysOperation: ListApiKeys,
    private readonly getApiKeyOperation: GetApiKey,
    private readonly issueApiKeyOperation: IssueApiKey,
    private readonly rotateApiKeyOperation: RotateApiKey,
    private readonly revokeApiKeyOperation: RevokeApiKey,
    private readonly checkEntitlementOperation: CheckEntitlement,
    private readonly recordUsageOperation: RecordUsage,
    private readonly getUsageSummaryOperation: GetUsageSummary,
  ) {}

  @Handles(identity.listReachableWorkspaces)
  listReachableWorkspaces(request: PublicRequest<typeof identity.listReachableWorkspaces>) {
    return this.listReachableWorkspacesOperation.execute(request);
  }

  @Handles(identity.getWorkspace)
  getWorkspace(request: PublicRequest<typeof identity.getWorkspace>) {
    return this.getWorkspaceOperation.execute(request);
  }

  @Handles(identity.openWorkspace)
  openWorkspace(request: PublicRequest<typeof identity.openWorkspace>) {
    return this.openWorkspaceOperation.execute(request);
  }

  @Handles(identity.updateWorkspace)
  updateWorkspace(request: PublicRequest<typeof identity.updateWorkspace>) {
    return this.updateWorkspaceOperation.execute(request);
  }

  @Handles(identity.deleteWorkspace)
  deleteWorkspace(request: PublicRequest<typeof identity.deleteWorkspace>) {
    return this.deleteWorkspaceOperation.execute(request);
  }

  @Handles(identity.listApiKeys)
  listApiKeys(request: PublicRequest<typeof identity.listApiKeys>) {
    return this.listApiKeysOperation.execute(request);
  }

  @Handles(identity.getApiKey)
  getApiKey(request: PublicRequest<typeof identity.getApiKey>) {
    return this.getApiKeyOperation.execute(request);
  }

  @Handles(identity.issueApiKey)
  issueApiKey(request: PublicRequest<typeof identity.issueApiKey>) {
    return this.issueApiKeyOperation.execute(request);
  }

  @Handles(identity.rotateApiKey)
  rotateApiKey(request: PublicRequest<typeof identity.rotateApiKey>) {
    return this.rotateApiKeyOperation.execute(request);
  }

  @Handles(identity.revokeApiKey)
  revokeApiKey(request: PublicRequest<typeof identity.revokeApiKey>) {
    return this.revokeApiKeyOperation.execute(request);
  }

  @Handles(identity.checkEntitlement)
  checkEntitlement(request: PublicRequest<typeof identity.checkEntitlement>) {
    return this.checkEntitlementOperation.execute(request);
  }

  @Handles(identity.recordUsage)
  recordUsage(request: PublicRequest<typeof identity.recordUsage>) {
    return this.recordUsageOperation.execute(request);
  }

  @Handles(identity.getUsageSummary)
  getUsageSummary(request: PublicRequest<typeof identity.getUsageSummary>) {
    return this.getUsageSummaryOperation.execute(request);
  }
}
