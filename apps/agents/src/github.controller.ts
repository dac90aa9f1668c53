import { agents } from '@magistry/contracts';
import { type CallRequest, Handles } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { GetGithubHealth } from './operations/get-github-health.js';
import { ReceiveGithubEvent } from './operations/receive-github-event.js';

/** Every subject of GitHub's webhook. */
@Controller()
export class GithubController {
  constructor(
    private readonly receiveGithubEventOperation: ReceiveGithubEvent,
    private readonly getGithubHealthOperation: GetGithubHealth,
  ) {}

  @Handles(agents.receiveGithubEvent)
  receiveGithubEvent(request: CallRequest<typeof agents.receiveGithubEvent>) {
    return this.receiveGithubEventOperation.execute(request);
  }

  @Handles(agents.getGithubHealth)
  getGithubHealth() {
    return this.getGithubHealthOperation.execute();
  }
}
