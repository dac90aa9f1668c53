import type { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { wholeSecond } from '../domain/clock.js';
import { ApiKeyRecords } from '../storage/api-key-records.js';

type Operation = typeof identity.recordKeyUses;

/** When keys were last used, as a gateway has gathered it over some seconds. */
@Injectable()
export class RecordKeyUses {
  constructor(private readonly keys: ApiKeyRecords) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    await this.keys.noteUses(
      message.uses.map(({ apiKeyId, usedUnixMs }) => ({ apiKeyId, usedAt: wholeSecond(usedUnixMs) })),
    );
    return {};
  }
}
