import type { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { HttpPort } from '../oauth/http-port.js';

type Operation = typeof identity.getHttpAddress;

/** Where this process takes OAuth from gateways. */
@Injectable()
export class GetHttpAddress {
  constructor(private readonly port: HttpPort) {}

  async execute(_: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    return { url: this.port.url };
  }
}
