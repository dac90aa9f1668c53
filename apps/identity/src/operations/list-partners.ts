import type { identity } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { check, page } from '../domain/fields.js';
import { PartnerRegister } from '../storage/partner-register.js';

type Operation = typeof identity.listPartners;

/** Every partner with its standing, page by page. */
@Injectable()
export class ListPartners {
  constructor(private readonly partners: PartnerRegister) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { rows, hasMore } = await this.partners.list(check(page, message));
    return { partners: rows, hasMore };
  }
}
