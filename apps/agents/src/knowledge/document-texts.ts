import { agents, type SentFile } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Injectable } from '@nestjs/common';
import { FileReader } from '../files/file-reader.js';

/** What FileReader calls the one file that it is given; its members are the request's own. */
const FILE = 'file';
const PREFIX = `${FILE}[0].`;

/** A new document, as it is sent: its text, or a file that has one. */
interface SentDocument {
  readonly name: string;
  readonly content?: string | undefined;
  readonly content_type?: SentFile['content_type'] | undefined;
  readonly data?: string | undefined;
}

/** The texts of documents that are sent. */
@Injectable()
export class DocumentTexts {
  constructor(private readonly files: FileReader) {}

  /** Refuses a file that is not what it claims to be, or whose text cannot be read whole. */
  async of({ name, content, content_type, data }: SentDocument): Promise<string> {
    if (content !== undefined || content_type === undefined || data === undefined) return content ?? '';
    const [file] = await this.files
      .read([{ type: 'file', name, content_type, data }], FILE)
      .catch(refuseByMember);
    const { text, isWhole } = file ?? { text: null, isWhole: true };
    if (isWhole && (text ?? '').length <= agents.DOCUMENT_LENGTH_MAX) return text ?? '';
    const message = `must have at most ${agents.DOCUMENT_LENGTH_MAX} characters of text, in pages that can all be read`;
    throw new ProblemError('validation_failed', 'The document is too long; cut it into several.', {
      errors: [{ path: 'data', code: 'too_big', message }],
    });
  }
}

function refuseByMember(error: unknown): never {
  if (!(error instanceof ProblemError)) throw error;
  const errors = error.errors.map((found) => ({ ...found, path: found.path.replace(PREFIX, '') }));
  throw new ProblemError(error.code, error.message, { ...error, errors });
}
