import type { escalations } from '@magistry/contracts';
import { type Answer, bytesAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { genesisOf } from '../domain/canonical.js';
import { wholeSecond } from '../domain/clock.js';
import { cursorForked, decodeCursor, encodeCursor, filterDigestOf, type Position } from '../domain/cursor.js';
import { renderEscalation } from '../domain/escalation.js';
import type { EscalationReader } from '../storage/escalation-reader.js';

const CHAIN_START_BYTES = 8;

/** GET /v1/escalations: in ledger order, so that what expires first comes first. */
export class ListEscalations {
  constructor(
    private readonly reader: EscalationReader,
    private readonly cursorSecret: string,
    private readonly now: () => number,
  ) {}

  async execute({ context, query }: PublicRequest<typeof escalations.listEscalations>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const { cursor, limit, order, status } = query;
    const isoSecond = wholeSecond(this.now());
    const filterDigest = filterDigestOf({ list: 'escalations', order, status });
    const position = cursor
      ? decodeCursor(cursor, { workspaceId, filterDigest }, this.cursorSecret)
      : beforeFirst(workspaceId, filterDigest);
    if (position.decisionId > 0) await this.requireSameLedger(position);
    const behind = position.decisionId > 0 ? position.decisionId : null;
    const { shown, hasMore } = await this.reader.page({
      workspaceId,
      behind,
      order,
      limit,
      status,
      isoSecond,
    });
    const last = shown.at(-1);
    const end = last ? { decisionId: last.row.decisionId, chainStart: last.chainStart } : {};
    const next = encodeCursor({ ...position, ...end }, this.cursorSecret);
    const data = shown.map(({ row, settlement }) => renderEscalation(row, settlement, isoSecond));
    return bytesAnswer(
      Buffer.from(`{"data":[${data.join(',')}],"next_cursor":"${next}","has_more":${hasMore}}`),
    );
  }

  private async requireSameLedger({ workspaceId, decisionId, chainStart }: Position): Promise<void> {
    const present = await this.reader.chainStart(workspaceId, decisionId);
    if (!present?.equals(chainStart)) throw cursorForked();
  }
}

function beforeFirst(workspaceId: number, filterDigest: Buffer): Position {
  const chainStart = genesisOf(workspaceId).subarray(0, CHAIN_START_BYTES);
  return { workspaceId, decisionId: 0, chainStart, filterDigest };
}
