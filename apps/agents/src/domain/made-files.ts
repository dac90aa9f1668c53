import { type SentFile, TEXT_TYPES } from '@magistry/contracts';
import type { Progress } from './progress.js';

/** The tool that puts a file into the answer. */
export const ATTACH_FILE = 'attach_file';
export const MADE_BYTES_MAX = 64 * 1024;
export const MADE_FILES_MAX = 10;

/** The files that a run has made, in the form of seed 002: of one name the newest, and the newest at most. */
function madeFiles({ steps }: Pick<Progress, 'steps'>): SentFile[] {
  const files = new Map<string, SentFile>();
  for (const { toolCalls, results } of steps) {
    for (const { id, tool, input } of toolCalls) {
      const result = results.get(id);
      if (tool !== ATTACH_FILE || result === undefined || result.error !== undefined) continue;
      const file = fileOf(input);
      files.delete(file.name);
      files.set(file.name, file);
    }
  }
  return [...files.values()].slice(-MADE_FILES_MAX);
}

/** An output with the files that were made on the way to it; as it is, where none were. */
export function withMadeFiles(output: Record<string, unknown>, progress: Progress): Record<string, unknown> {
  const attachments = madeFiles(progress);
  return attachments.length > 0 ? { ...output, attachments } : output;
}

function fileOf({ name, text, content_type }: Record<string, unknown>): SentFile {
  return {
    type: 'file',
    name: String(name),
    data: Buffer.from(String(text)).toString('base64'),
    content_type: TEXT_TYPES.find((type) => type === content_type) ?? typeByName(String(name)),
  };
}

function typeByName(name: string): SentFile['content_type'] {
  switch (/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase()) {
    case 'md':
      return 'text/markdown';
    case 'csv':
      return 'text/csv';
    case 'json':
      return 'application/json';
    default:
      return 'text/plain';
  }
}
