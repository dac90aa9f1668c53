import type { SentFile } from '@magistry/contracts';
import { type FieldError, ProblemError } from '@magistry/errors';
import { type CheckedFile, checkFile, faultOfAll } from './file-check.js';
import { type PdfTexts, UnreadablePdf } from './pdf-texts.js';

/** A checked file with its text, where it has one. */
export interface ReadFile extends CheckedFile {
  /** False where only the beginning of a long document was read. */
  readonly isWhole: boolean;
}

/** Takes files that were sent inline: their checked bytes, and the text in them. */
export class FileReader {
  constructor(private readonly pdfTexts: PdfTexts) {}

  /** Refuses with `validation_failed` and all that is wrong, below `path`: "attachments[0].content_type". */
  async read(files: readonly SentFile[], path: string): Promise<ReadFile[]> {
    const checked = await Promise.all(files.map(checkFile));
    refuseFaults(checked, path);
    const sound = checked.filter((file) => 'bytes' in file);
    const together = faultOfAll(sound);
    if (together) throw refusal([{ ...together, path }]);
    const read = await Promise.all(sound.map((file) => this.withText(file)));
    refuseFaults(read, path);
    return read.filter((file) => 'bytes' in file);
  }

  private async withText(file: CheckedFile): Promise<ReadFile | FieldError> {
    if (file.contentType !== 'application/pdf') return { ...file, isWhole: true };
    try {
      return { ...file, ...(await this.pdfTexts.read(file.bytes)) };
    } catch (error) {
      if (!(error instanceof UnreadablePdf)) throw error;
      return { path: 'data', code: 'unreadable', message: `is a PDF that ${error.message}` };
    }
  }
}

function refuseFaults(found: readonly (object | FieldError)[], path: string): void {
  const errors = found.flatMap((file, index) =>
    'message' in file ? [{ ...file, path: `${path}[${index}].${file.path}` }] : [],
  );
  if (errors.length > 0) throw refusal(errors);
}

function refusal(errors: FieldError[]): ProblemError {
  return new ProblemError('validation_failed', 'A file cannot be taken; see errors.', { errors });
}
