import { identity } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { AdmitPartner } from './operations/admit-partner.js';
import { ApplyAsPartner } from './operations/apply-as-partner.js';
import { IssuePartnerKey } from './operations/issue-partner-key.js';
import { ListPartnerKeys } from './operations/list-partner-keys.js';
import { ListRegisteredPartners } from './operations/list-registered-partners.js';
import { OpenSandbox } from './operations/open-sandbox.js';
import { RevokePartnerKey } from './operations/revoke-partner-key.js';
import { UninstallPartner } from './operations/uninstall-partner.js';

/** What identity answers on /v1/partners. */
@Controller()
export class PartnersController {
  constructor(
    private readonly applyAsPartnerOperation: ApplyAsPartner,
    private readonly listRegisteredPartnersOperation: ListRegisteredPartners,
    private readonly openSandboxOperation: OpenSandbox,
    private readonly issuePartnerKeyOperation: IssuePartnerKey,
    private readonly listPartnerKeysOperation: ListPartnerKeys,
    private readonly revokePartnerKeyOperation: RevokePartnerKey,
    private readonly admitPartnerOperation: AdmitPartner,
    private readonly uninstallPartnerOperation: UninstallPartner,
  ) {}

  @Handles(identity.applyAsPartner)
  applyAsPartner(request: PublicRequest<typeof identity.applyAsPartner>) {
    return this.applyAsPartnerOperation.execute(request);
  }

  @Handles(identity.listRegisteredPartners)
  listRegisteredPartners(request: PublicRequest<typeof identity.listRegisteredPartners>) {
    return this.listRegisteredPartnersOperation.execute(request);
  }

  @Handles(identity.openSandbox)
  openSandbox(request: PublicRequest<typeof identity.openSandbox>) {
    return this.openSandboxOperation.execute(request);
  }

  @Handles(identity.issuePartnerKey)
  issuePartnerKey(request: PublicRequest<typeof identity.issuePartnerKey>) {
    return this.issuePartnerKeyOperation.execute(request);
  }

  @Handles(identity.listPartnerKeys)
  listPartnerKeys(request: PublicRequest<typeof identity.listPartnerKeys>) {
    return this.listPartnerKeysOperation.execute(request);
  }

  @Handles(identity.revokePartnerKey)
  revokePartnerKey(request: PublicRequest<typeof identity.revokePartnerKey>) {
    return this.revokePartnerKeyOperation.execute(request);
  }

  @Handles(identity.admitPartner)
  admitPartner(request: PublicRequest<typeof identity.admitPartner>) {
    return this.admitPartnerOperation.execute(request);
  }

  @Handles(identity.uninstallPartner)
  uninstallPartner(request: PublicRequest<typeof identity.uninstallPartner>) {
    return this.uninstallPartnerOperation.execute(request);
  }
}
