import { Injectable } from '@nestjs/common';
import type { JWK } from 'jose';
import { Clock } from '../domain/clock.js';
import { ServiceKeyStore } from '../storage/service-key-store.js';

/** Public keys of all service credentials, as far as what they signed counts now. */
@Injectable()
export class PublishedServiceKeys {
  constructor(
    private readonly keys: ServiceKeyStore,
    private readonly clock: Clock,
  ) {}

  async publicKeys(): Promise<JWK[]> {
    return (await this.keys.list(new Date(this.clock.now()))) as JWK[];
  }
}
