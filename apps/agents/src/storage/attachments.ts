import type { FileType } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { type AttachedFile, SHOWN_CHARACTERS_MAX, SHOWN_FILES_MAX } from '../domain/attached-file.js';
import type { Run } from '../domain/run.js';
import { Database, type Queryable } from './database.js';

/** A file as it is kept. */
export interface KeptFile {
  readonly name: string;
  readonly contentType: FileType;
  readonly bytes: Buffer;
  readonly text: string | null;
  readonly isWhole: boolean;
}

/** A file as a list shows it. */
export interface ListedFile {
  readonly runId: string;
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

const INSERT_SQL = `
  INSERT INTO attachment (workspace_id, run_id, place, name, content_type, size_bytes, bytes, text, is_whole)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

const LIST_SQL = `
  SELECT run_id AS "runId", name, content_type AS "contentType", size_bytes AS "sizeBytes" FROM attachment
  WHERE workspace_id = $1 AND run_id = ANY($2) ORDER BY run_id, place`;

// The newest first, so that the bounds leave out the oldest.
const SHOWN_SQL = `
  SELECT a.run_id AS "runId", a.place, a.name, a.content_type AS "contentType", a.size_bytes AS "sizeBytes",
    left(a.text, $6) AS text, coalesce(length(a.text), 0) AS characters, a.is_whole AS "isWhole",
    r.id <> $2 AS "isEarlier"
  FROM run r JOIN attachment a ON a.workspace_id = r.workspace_id AND a.run_id = r.id
  WHERE r.workspace_id = $1
    AND (r.id = $2 OR r.session_owner = $3 AND r.session_id = $4 AND r.turn < $5)
  ORDER BY r.turn DESC, a.place LIMIT $7`;

const BYTES_SQL = 'SELECT bytes FROM attachment WHERE workspace_id = $1 AND run_id = $2 AND place = $3';

/** Files of messages and runs. */
@Injectable()
export class Attachments {
  constructor(private readonly database: Database) {}

  list(workspaceId: number, runIds: readonly string[]): Promise<ListedFile[]> {
    return this.database.query<ListedFile>(workspaceId, { text: LIST_SQL, values: [workspaceId, runIds] });
  }

  /** What the run's model may be shown: the run's own files, and those of its session before it. */
  async shown(run: Run): Promise<AttachedFile[]> {
    const { workspaceId, id, sessionOwner, sessionId, turn, input } = run;
    const isFirst = sessionId === null || turn === 1;
    if (isFirst && !input.hasAttachments) return [];
    const values = [workspaceId, id, sessionOwner, sessionId, turn, SHOWN_CHARACTERS_MAX, SHOWN_FILES_MAX];
    return this.database.across.query<AttachedFile>({ text: SHOWN_SQL, values });
  }

  async bytes(run: Run, { runId, place }: AttachedFile): Promise<Buffer> {
    const values = [run.workspaceId, runId, place];
    const [row] = await this.database.across.query<{ bytes: Buffer }>({ text: BYTES_SQL, values });
    if (!row) throw new Error(`file ${place} of ${runId} is gone`);
    return row.bytes;
  }
}

/** With the run that they belong to. */
export async function insertAttachments(
  transaction: Queryable,
  { workspaceId, id }: Pick<Run, 'workspaceId' | 'id'>,
  files: readonly KeptFile[],
): Promise<void> {
  const inserts = files.map(({ name, contentType, bytes, text, isWhole }, place) => {
    const keptBytes = text !== null && contentType !== 'application/pdf' ? null : bytes;
    const file = [place, name, contentType, bytes.length, keptBytes, text, isWhole];
    return transaction.query({ text: INSERT_SQL, values: [workspaceId, id, ...file] });
  });
  await Promise.all(inserts);
}
