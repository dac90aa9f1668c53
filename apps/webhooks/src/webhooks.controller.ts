import { webhooks } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CreateEndpoint } from './operations/create-endpoint.js';
import { DeleteEndpoint } from './operations/delete-endpoint.js';
import { GetDelivery } from './operations/get-delivery.js';
import { GetEndpoint } from './operations/get-endpoint.js';
import { ListDeliveries } from './operations/list-deliveries.js';
import { ListEndpoints } from './operations/list-endpoints.js';
import { RetryDelivery } from './operations/retry-delivery.js';
import { RotateSecret } from './operations/rotate-secret.js';
import { TestEndpoint } from './operations/test-endpoint.js';
import { UpdateEndpoint } from './operations/update-endpoint.js';

/** Endpoints and their deliveries. The other subjects: `events.controller.ts`. */
@Controller()
export class WebhooksController {
  constructor(
    private readonly listEndpointsOperation: ListEndpoints,
    private readonly getEndpointOperation: GetEndpoint,
    private readonly createEndpointOperation: CreateEndpoint,
    private readonly updateEndpointOperation: UpdateEndpoint,
    private readonly deleteEndpointOperation: DeleteEndpoint,
    private readonly rotateSecretOperation: RotateSecret,
    private readonly testEndpointOperation: TestEndpoint,
    private readonly listDeliveriesOperation: ListDeliveries,
    private readonly getDeliveryOperation: GetDelivery,
    private readonly retryDeliveryOperation: RetryDelivery,
  ) {}

  @Handles(webhooks.listEndpoints)
  listEndpoints(request: PublicRequest<typeof webhooks.listEndpoints>) {
    return this.listEndpointsOperation.execute(request);
  }

  @Handles(webhooks.getEndpoint)
  getEndpoint(request: PublicRequest<typeof webhooks.getEndpoint>) {
    return this.getEndpointOperation.execute(request);
  }

  @Handles(webhooks.createEndpoint)
  createEndpoint(request: PublicRequest<typeof webhooks.createEndpoint>) {
    return this.createEndpointOperation.execute(request);
  }

  @Handles(webhooks.updateEndpoint)
  updateEndpoint(request: PublicRequest<typeof webhooks.updateEndpoint>) {
    return this.updateEndpointOperation.execute(request);
  }

  @Handles(webhooks.deleteEndpoint)
  deleteEndpoint(request: PublicRequest<typeof webhooks.deleteEndpoint>) {
    return this.deleteEndpointOperation.execute(request);
  }

  @Handles(webhooks.rotateSecret)
  rotateSecret(request: PublicRequest<typeof webhooks.rotateSecret>) {
    return this.rotateSecretOperation.execute(request);
  }

  @Handles(webhooks.testEndpoint)
  testEndpoint(request: PublicRequest<typeof webhooks.testEndpoint>) {
    return this.testEndpointOperation.execute(request);
  }

  @Handles(webhooks.listDeliveries)
  listDeliveries(request: PublicRequest<typeof webhooks.listDeliveries>) {
    return this.listDeliveriesOperation.execute(request);
  }

  @Handles(webhooks.getDelivery)
  getDelivery(request: PublicRequest<typeof webhooks.getDelivery>) {
    return this.getDeliveryOperation.execute(request);
  }

  @Handles(webhooks.retryDelivery)
  retryDelivery(request: PublicRequest<typeof webhooks.retryDelivery>) {
    return this.retryDeliveryOperation.execute(request);
  }
}
