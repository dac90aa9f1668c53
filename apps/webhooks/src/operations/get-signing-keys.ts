import type { webhooks } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { publicKeyEntry } from '@magistry/webhook-signatures';
import { Injectable } from '@nestjs/common';
import { SigningKeys } from '../storage/signing-keys.js';

type Operation = typeof webhooks.getSigningKeys;

/** What receivers verify `v1a` signatures with. */
@Injectable()
export class GetSigningKeys {
  constructor(private readonly keys: SigningKeys) {}

  async execute(_: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const keys = await this.keys.publicKeys();
    return { jwksJson: Buffer.from(JSON.stringify({ keys: keys.map(publicKeyEntry) })) };
  }
}
