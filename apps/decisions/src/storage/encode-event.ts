import { create, toBinary } from '@bufbuild/protobuf';
import { CURRENT_API_VERSION, EventSchema } from '@magistry/contracts';
import type { Decision } from '../domain/decision.js';
import type { EventType } from '../domain/outcome.js';
import { renderRow, spliceRow } from '../domain/render-row.js';

export interface EventEnvelope {
  readonly id: string;
  readonly type: EventType;
  readonly shard: number;
  readonly position: number;
  readonly tenant: string;
  readonly createdAt: string;
}

const encoder = new TextEncoder();

/** An event's protobuf bytes: its envelope, and the row as GET showed it when it was written, in the newest shape. */
export function encodeEvent(envelope: EventEnvelope, row: Decision): Uint8Array {
  return toBinary(
    EventSchema,
    create(EventSchema, {
      ...envelope,
      position: BigInt(envelope.position),
      workspaceId: row.workspaceId,
      severity: severityOf(row),
      rowJson: encoder.encode(spliceRow(renderRow(row, CURRENT_API_VERSION), null)),
      apiVersion: CURRENT_API_VERSION,
    }),
  );
}

function severityOf(row: Decision): string {
  if (row.kind === 'KILL_SWITCH') return 'critical';
  if (row.status === 'APPLIED') return 'info';
  return row.status === 'ESCALATED' ? 'warning' : 'notice';
}
