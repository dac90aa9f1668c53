import { webhooks } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { GetEndpoint } from './operations/get-endpoint.js';

/** Every subject of the service. */
@Controller()
export class WebhooksController {
  constructor(private readonly getEndpointOperation: GetEndpoint) {}

  @Handles(webhooks.getEndpoint)
  getEndpoint(request: PublicRequest<typeof webhooks.getEndpoint>) {
    return this.getEndpointOperation.execute(request);
  }
}
