import { escalations, planner } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { ApproveEscalation } from './operations/approve-escalation.js';
import { GetPolicy } from './operations/get-policy.js';
import { ListActions } from './operations/list-actions.js';
import { Propose } from './operations/propose.js';
import { SetPolicy } from './operations/set-policy.js';

/** Every subject of the service. */
@Controller()
export class PlannerController {
  constructor(
    private readonly proposeOperation: Propose,
    private readonly approveEscalation: ApproveEscalation,
    private readonly listActions: ListActions,
    private readonly getPolicy: GetPolicy,
    private readonly setPolicy: SetPolicy,
  ) {}

  @Handles(planner.propose)
  propose(request: PublicRequest<typeof planner.propose>) {
    return this.proposeOperation.execute(request);
  }

  @Handles(escalations.approveEscalation)
  approve(request: PublicRequest<typeof escalations.approveEscalation>) {
    return this.approveEscalation.execute(request);
  }

  @Handles(planner.listActions)
  actions() {
    return this.listActions.execute();
  }

  @Handles(planner.getPolicy)
  policy(request: PublicRequest<typeof planner.getPolicy>) {
    return this.getPolicy.execute(request);
  }

  @Handles(planner.setPolicy)
  replacePolicy(request: PublicRequest<typeof planner.setPolicy>) {
    return this.setPolicy.execute(request);
  }
}
