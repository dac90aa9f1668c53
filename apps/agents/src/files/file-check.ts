import {
  FILE_BYTES_MAX,
  FILE_TYPES,
  FILES_BYTES_MAX,
  type FileType,
  IMAGE_TYPES,
  type SentFile,
  TEXT_TYPES,
} from '@magistry/contracts';
import type { FieldError } from '@magistry/errors';
import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';

/** A file whose bytes are what it says that they are. */
export interface CheckedFile {
  readonly name: string;
  readonly contentType: FileType;
  readonly bytes: Buffer;
  /** Of text files; a PDF's has to be read out of it. */
  readonly text: string | null;
}

/** Of one part of a file; `path` is the member that it is about. */
export type Fault = FieldError;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const isText = (type: FileType) => TEXT_TYPES.some((known) => known === type);
const isImage = (type: FileType) => IMAGE_TYPES.some((known) => known === type);

/** The file, or what is wrong with it: its base64, its size, or that it is not of the type that it claims. */
export async function checkFile({ name, data, content_type }: SentFile): Promise<CheckedFile | Fault> {
  const bytes = Buffer.from(data, 'base64');
  // What decodes and encodes to the same has no foreign character, no gap and its padding.
  if (bytes.toString('base64') !== data)
    return fault('data', 'base64', 'must be base64 of RFC 4648, padded and without line breaks');
  if (bytes.length === 0) return fault('data', 'empty', 'has no bytes');
  if (bytes.length > FILE_BYTES_MAX)
    return fault('data', 'too_big', `may have ${FILE_BYTES_MAX} bytes, and has ${bytes.length}`);
  const found = await typeOf(bytes);
  const text = isText(content_type) ? textOf(bytes) : null;
  const wrong =
    wrongType(content_type, found) ?? (text === undefined ? NOT_UTF_8 : unfit(content_type, bytes));
  if (wrong !== undefined || text === undefined)
    return fault('content_type', 'mismatch', `is ${content_type}, but ${wrong}`);
  return { name, contentType: content_type, bytes, text };
}

/** What is wrong with files that are fine one by one. */
export function faultOfAll(files: readonly CheckedFile[]): Fault | undefined {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (bytes <= FILES_BYTES_MAX) return undefined;
  return fault('', 'too_big', `may have ${FILES_BYTES_MAX} bytes together, and have ${bytes}`);
}

const NOT_UTF_8 = 'the file is not UTF-8 text';

/** One of the types that are taken, by how the bytes begin; a text may begin like many a type that is not. */
async function typeOf(bytes: Uint8Array): Promise<FileType | undefined> {
  const mime = (await fileTypeFromBuffer(bytes))?.mime.replace('image/apng', 'image/png');
  return FILE_TYPES.find((type) => type === mime);
}

function wrongType(claimed: FileType, found: FileType | undefined): string | undefined {
  if (found === claimed || (found === undefined && isText(claimed))) return undefined;
  return found === undefined ? 'the file is of another type' : `the file is ${found}`;
}

/** What a file of the right type still has to be. */
function unfit(type: FileType, bytes: Uint8Array): string | undefined {
  if (type === 'application/json' && !isJson(bytes)) return 'the file is not JSON';
  return isImage(type) && !isPicture(bytes) ? 'the file is broken' : undefined;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(utf8.decode(bytes));
    return true;
  } catch {
    return false;
  }
}

function isPicture(bytes: Uint8Array): boolean {
  try {
    // A copy with a buffer of its own: of a short file the library would read on, into its neighbours in the pool.
    const { width, height } = imageSize(new Uint8Array(bytes));
    return width > 0 && height > 0;
  } catch {
    return false;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function fault(path: string, code: string, message: string): Fault {
  return { path, code, message };
}
