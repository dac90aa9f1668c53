import { z } from 'zod';
import { text } from './fields.js';

/** Files that are sent inline, as base64 in JSON (seed 002, Attachments). Bytes are those of the files themselves. */
export const FILE_BYTES_MAX = 5 * 1024 * 1024;
export const FILES_BYTES_MAX = 7 * 1024 * 1024;
export const FILES_MAX = 20;

/** Files whose bytes are their text. */
export const TEXT_TYPES = ['text/plain', 'text/markdown', 'text/csv', 'application/json'] as const;
export const IMAGE_TYPES = ['image/png', 'image/jpeg'] as const;
export const FILE_TYPES = [...TEXT_TYPES, 'application/pdf', ...IMAGE_TYPES] as const;

export type TextType = (typeof TEXT_TYPES)[number];
export type FileType = (typeof FILE_TYPES)[number];

const NAME_LENGTH_MAX = 255;
const PATH_PART = /[/\\]|^\.+$/;
/** They turn the direction of what follows: "report\u202Efdp.exe" is shown as "reportexe.pdf". */
const TURNS_DIRECTION = /[\u202A-\u202E\u2066-\u2069]/;

export const fileName = text(NAME_LENGTH_MAX).refine(
  (name) => name.trim() !== '' && !PATH_PART.test(name) && !TURNS_DIRECTION.test(name),
  'must be the plain name of a file, without a path',
);

/** A file as it is sent, and as an answer carries one. What is in it is checked by whoever takes it. */
export const sentFile = z.strictObject({
  type: z.literal('file'),
  name: fileName,
  /** Base64 of RFC 4648, padded, without line breaks; at most `FILE_BYTES_MAX` bytes when decoded. */
  data: z.string(),
  content_type: z.enum(FILE_TYPES),
});

export type SentFile = z.infer<typeof sentFile>;
