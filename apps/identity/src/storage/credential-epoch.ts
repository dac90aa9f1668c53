import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

/** Counts the changes after which a remembered credential may be wrong; the tables' triggers do the counting. */
@Injectable()
export class CredentialEpoch {
  constructor(private readonly database: Database) {}

  async present(): Promise<number> {
    const text = 'SELECT epoch FROM credential_epoch';
    const [row] = await this.database.query<{ epoch: string }>({ text });
    if (!row) throw new Error('the credential epoch is gone');
    return Number(row.epoch);
  }
}
