import { agents } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CreateAgent } from './operations/create-agent.js';
import { DeleteAgent } from './operations/delete-agent.js';
import { GetAgent } from './operations/get-agent.js';
import { ListAgents } from './operations/list-agents.js';
import { UpdateAgent } from './operations/update-agent.js';

/** Every subject of the registry. */
@Controller()
export class RegistryController {
  constructor(
    private readonly listAgentsOperation: ListAgents,
    private readonly getAgentOperation: GetAgent,
    private readonly createAgentOperation: CreateAgent,
    private readonly updateAgentOperation: UpdateAgent,
    private readonly deleteAgentOperation: DeleteAgent,
  ) {}

  @Handles(agents.listAgents)
  listAgents(request: PublicRequest<typeof agents.listAgents>) {
    return this.listAgentsOperation.execute(request);
  }

  @Handles(agents.getAgent)
  getAgent(request: PublicRequest<typeof agents.getAgent>) {
    return this.getAgentOperation.execute(request);
  }

  @Handles(agents.createAgent)
  createAgent(request: PublicRequest<typeof agents.createAgent>) {
    return this.createAgentOperation.execute(request);
  }

  @Handles(agents.updateAgent)
  updateAgent(request: PublicRequest<typeof agents.updateAgent>) {
    return this.updateAgentOperation.execute(request);
  }

  @Handles(agents.deleteAgent)
  deleteAgent(request: PublicRequest<typeof agents.deleteAgent>) {
    return this.deleteAgentOperation.execute(request);
  }
}
