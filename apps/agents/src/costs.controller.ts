import { agents } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { DeleteCostLimit } from './operations/delete-cost-limit.js';
import { GetUsage } from './operations/get-usage.js';
import { ListCostLimits } from './operations/list-cost-limits.js';
import { ReadOutbox } from './operations/read-outbox.js';
import { SetCostLimit } from './operations/set-cost-limit.js';

/** Every subject of what agents cost, of what they may, and of what the audit log is told of that. */
@Controller()
export class CostsController {
  constructor(
    private readonly getUsageOperation: GetUsage,
    private readonly listCostLimitsOperation: ListCostLimits,
    private readonly setCostLimitOperation: SetCostLimit,
    private readonly deleteCostLimitOperation: DeleteCostLimit,
    private readonly readOutboxOperation: ReadOutbox,
  ) {}

  @Handles(agents.getUsage)
  getUsage(request: PublicRequest<typeof agents.getUsage>) {
    return this.getUsageOperation.execute(request);
  }

  @Handles(agents.listCostLimits)
  listCostLimits(request: PublicRequest<typeof agents.listCostLimits>) {
    return this.listCostLimitsOperation.execute(request);
  }

  @Handles(agents.setCostLimit)
  setCostLimit(request: PublicRequest<typeof agents.setCostLimit>) {
    return this.setCostLimitOperation.execute(request);
  }

  @Handles(agents.deleteCostLimit)
  deleteCostLimit(request: PublicRequest<typeof agents.deleteCostLimit>) {
    return this.deleteCostLimitOperation.execute(request);
  }

  @Handles(agents.readOutbox)
  readOutbox(request: CallRequest<typeof agents.readOutbox>) {
    return this.readOutboxOperation.execute(request);
  }
}
