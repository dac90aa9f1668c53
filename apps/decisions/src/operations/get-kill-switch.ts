import type { decisions } from '@magistry/contracts';
import { type Answer, bytesAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { renderKillSwitch } from '../domain/render-controls.js';
import type { HeadReader } from '../storage/head-reader.js';

/** GET /v1/killswitch */
export class GetKillSwitch {
  constructor(private readonly reader: HeadReader) {}

  async execute({ context }: PublicRequest<typeof decisions.getKillSwitch>): Promise<Answer> {
    const { killSwitch } = await this.reader.head(workspaceOf(context).id);
    return bytesAnswer(Buffer.from(renderKillSwitch(killSwitch)));
  }
}
