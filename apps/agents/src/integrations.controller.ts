import { agents } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CreateIntegration } from './operations/create-integration.js';
import { ListIntegrations } from './operations/list-integrations.js';
import { RotateIntegration } from './operations/rotate-integration.js';
import { SetIntegrationSuspension } from './operations/set-integration-suspension.js';
import { UpdateIntegration } from './operations/update-integration.js';

/** Every subject of integrations. */
@Controller()
export class IntegrationsController {
  constructor(
    private readonly createIntegrationOperation: CreateIntegration,
    private readonly listIntegrationsOperation: ListIntegrations,
    private readonly updateIntegrationOperation: UpdateIntegration,
    private readonly rotateIntegrationOperation: RotateIntegration,
    private readonly setIntegrationSuspensionOperation: SetIntegrationSuspension,
  ) {}

  @Handles(agents.createIntegration)
  createIntegration(request: PublicRequest<typeof agents.createIntegration>) {
    return this.createIntegrationOperation.execute(request);
  }

  @Handles(agents.listIntegrations)
  listIntegrations(request: PublicRequest<typeof agents.listIntegrations>) {
    return this.listIntegrationsOperation.execute(request);
  }

  @Handles(agents.updateIntegration)
  updateIntegration(request: PublicRequest<typeof agents.updateIntegration>) {
    return this.updateIntegrationOperation.execute(request);
  }

  @Handles(agents.rotateIntegration)
  rotateIntegration(request: PublicRequest<typeof agents.rotateIntegration>) {
    return this.rotateIntegrationOperation.execute(request);
  }

  @Handles(agents.setIntegrationSuspension)
  setIntegrationSuspension(request: CallRequest<typeof agents.setIntegrationSuspension>) {
    return this.setIntegrationSuspensionOperation.execute(request);
  }
}
