import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { afterIdOf, cursorPage } from '../domain/people/list-cursor.js';
import { renderMember } from '../domain/people/render-member.js';
import { MemberRecords } from '../storage/member-records.js';

type Operation = typeof identity.listMembers;

/** GET /v1/members: in the order of joining. */
@Injectable()
export class ListMembers {
  constructor(private readonly members: MemberRecords) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const page = { afterId: afterIdOf(query.cursor), limit: query.limit };
    const found = await this.members.list(workspaceOf(context).id, page);
    return jsonAnswer(cursorPage(found, page.afterId, renderMember));
  }
}
