import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';

/** Access tokens first: a family's go with it. */
const TABLES = ['oauth_access_token', 'oauth_record', 'oauth_grant'];

/** Ends the rows of OAuth that nothing can come of any more. */
@Injectable()
export class OAuthExpiry {
  constructor(private readonly across: AcrossWorkspaces) {}

  async removeExpired(now: Date): Promise<void> {
    for (const table of TABLES) {
      await this.across.query({ text: `DELETE FROM ${table} WHERE expires_at <= $1`, values: [now] });
    }
  }
}
