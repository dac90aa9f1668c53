import type { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { CredentialEpoch } from '../storage/credential-epoch.js';

type Operation = typeof identity.getCredentialEpoch;

/** Whether what a gateway remembers may have changed since it last asked. */
@Injectable()
export class GetCredentialEpoch {
  constructor(private readonly credentials: CredentialEpoch) {}

  async execute(_: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    return { epoch: await this.credentials.present() };
  }
}
