import { fromBinary } from '@bufbuild/protobuf';
import { EventSchema } from '@magistry/contracts';
import type { EventToTell } from '../storage/fan-out.js';

const decoder = new TextDecoder();

/** An event of the ledger as it is told: `data` is the row with `tenant` and `severity` (design: api.md section 8). */
export function ledgerEvent(bytes: Uint8Array): EventToTell {
  const { id, type, workspaceId, tenant, severity, createdAt, rowJson } = fromBinary(EventSchema, bytes);
  const more = JSON.stringify({ tenant, severity });
  const data = `${decoder.decode(rowJson).trimEnd().slice(0, -1)},${more.slice(1)}`;
  return { id, type, workspaceId, createdAt: new Date(createdAt), data, isPlatform: true, traceparent: null };
}
