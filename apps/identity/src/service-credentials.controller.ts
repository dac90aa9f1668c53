import { identity } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CreateServiceCredential } from './operations/create-service-credential.js';
import { ListServiceCredentials } from './operations/list-service-credentials.js';
import { MintServiceToken } from './operations/mint-service-token.js';
import { ResolveServiceKey } from './operations/resolve-service-key.js';
import { RevokeServiceCredential } from './operations/revoke-service-credential.js';
import { RotateServiceCredential } from './operations/rotate-service-credential.js';

/** Credentials of programs, and the keys that gateways verify their tokens by. */
@Controller()
export class ServiceCredentialsController {
  constructor(
    private readonly listServiceCredentialsOperation: ListServiceCredentials,
    private readonly createServiceCredentialOperation: CreateServiceCredential,
    private readonly mintServiceTokenOperation: MintServiceToken,
    private readonly rotateServiceCredentialOperation: RotateServiceCredential,
    private readonly revokeServiceCredentialOperation: RevokeServiceCredential,
    private readonly resolveServiceKeyOperation: ResolveServiceKey,
  ) {}

  @Handles(identity.listServiceCredentials)
  listServiceCredentials(request: PublicRequest<typeof identity.listServiceCredentials>) {
    return this.listServiceCredentialsOperation.execute(request);
  }

  @Handles(identity.createServiceCredential)
  createServiceCredential(request: PublicRequest<typeof identity.createServiceCredential>) {
    return this.createServiceCredentialOperation.execute(request);
  }

  @Handles(identity.mintServiceToken)
  mintServiceToken(request: PublicRequest<typeof identity.mintServiceToken>) {
    return this.mintServiceTokenOperation.execute(request);
  }

  @Handles(identity.rotateServiceCredential)
  rotateServiceCredential(request: PublicRequest<typeof identity.rotateServiceCredential>) {
    return this.rotateServiceCredentialOperation.execute(request);
  }

  @Handles(identity.revokeServiceCredential)
  revokeServiceCredential(request: PublicRequest<typeof identity.revokeServiceCredential>) {
    return this.revokeServiceCredentialOperation.execute(request);
  }

  @Handles(identity.resolveServiceKey)
  resolveServiceKey(request: CallRequest<typeof identity.resolveServiceKey>) {
    return this.resolveServiceKeyOperation.execute(request);
  }
}
