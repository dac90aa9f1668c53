import { agents } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { GetUsage } from './operations/get-usage.js';

/** Every subject of what agents cost. */
@Controller()
export class CostsController {
  constructor(private readonly getUsageOperation: GetUsage) {}

  @Handles(agents.getUsage)
  getUsage(request: PublicRequest<typeof agents.getUsage>) {
    return this.getUsageOperation.execute(request);
  }
}
