import type { agents } from '@magistry/contracts';
import type { ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { GithubSettings } from '../github/github-settings.js';

/** GET /api/v1/github/health: which settings are missing, and no value of any. */
@Injectable()
export class GetGithubHealth {
  constructor(private readonly settings: GithubSettings) {}

  async execute(): Promise<ResultOf<typeof agents.getGithubHealth>> {
    return { missing: this.settings.missing };
  }
}
