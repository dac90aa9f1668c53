import { agents } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { DeleteCostLimit } from './operations/delete-cost-limit.js';
import { GetUsage } from './operations/get-usage.js';
import { ListCostLimits } from './operations/list-cost-limits.js';
import { SetCostLimit } from './operations/set-cost-limit.js';

/** Every subject of what agents cost, and of what they may. */
@Controller()
export class CostsController {
  constructor(
    private readonly getUsageOperation: GetUsage,
    private readonly listCostLimitsOperation: ListCostLimits,
    private readonly setCostLimitOperation: SetCostLimit,
    private readonly deleteCostLimitOperation: DeleteCostLimit,
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
}
