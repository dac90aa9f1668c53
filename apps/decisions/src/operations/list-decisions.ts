import { decisions } from '@magistry/contracts';
import { type Answer, bytesAnswer, notModified, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { genesisOf } from '../domain/canonical.js';
import { nextWholeSecond } from '../domain/clock.js';
import { cursorForked, decodeCursor, encodeCursor, filterDigestOf, type Position } from '../domain/cursor.js';
import { DecisionReader, type Page } from '../storage/decision-reader.js';
import type { LedgerEnds } from '../storage/ledger-ends.js';

const CHAIN_START_BYTES = 8;

type ListRequest = Pick<PublicRequest<typeof decisions.listDecisions>, 'context' | 'query' | 'headers'>;

/** GET /v1/decisions (seed 000): ledger order, and a cursor that notices a restored or forked ledger. */
export class ListDecisions {
  constructor(
    private readonly reader: DecisionReader,
    private readonly ends: LedgerEnds,
    private readonly cursorSecret: string,
  ) {}

  async execute({ context, query, headers }: ListRequest): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const known = headers?.['if-none-match'];
    if (known !== undefined && known === (await this.ends.now(workspaceId))) return notModified(known);
    const { cursor, limit, order, since, until, ...filters } = query;
    const filterDigest = filterDigestOf({ order, since, until, ...filters });
    const position = cursor ? decodeCursor(cursor, { workspaceId, filterDigest }, this.cursorSecret) : null;
    const page = await this.reader.page({
      workspaceId,
      apiVersion: context.apiVersion,
      behind: position?.decisionId ?? null,
      order,
      limit,
      since: since === undefined ? null : nextWholeSecond(since),
      until: until === undefined ? null : nextWholeSecond(until),
      filters,
    });
    if (position) checkChain(position, page);
    const end = page.end ?? position ?? { decisionId: 0, chainStart: chainStartBeforeFirst(workspaceId) };
    const next = encodeCursor({ ...end, workspaceId, filterDigest }, this.cursorSecret);
    const json = `{"data":[${page.rows.join(',')}],"next_cursor":"${next}","has_more":${page.hasMore}}`;
    return { ...bytesAnswer(Buffer.from(json)), etag: page.ledgerEnd };
  }
}

function checkChain(position: Position, page: Page): void {
  const expected =
    position.decisionId === 0 ? chainStartBeforeFirst(position.workspaceId) : page.chainStartBehind;
  if (!expected?.equals(position.chainStart)) throw cursorForked();
}

function chainStartBeforeFirst(workspaceId: number): Buffer {
  return genesisOf(workspaceId).subarray(0, CHAIN_START_BYTES);
}
