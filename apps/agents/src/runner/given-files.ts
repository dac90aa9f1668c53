import { type AttachedFile, shownImages } from '../domain/attached-file.js';
import type { Run } from '../domain/run.js';
import type { ModelImage } from '../models/language-model.js';
import type { Attachments } from '../storage/attachments.js';

/** Files that a run's model is given; they stay the same while the run goes on. */
export interface GivenFiles {
  readonly files: readonly AttachedFile[];
  readonly images: readonly ModelImage[];
}

export async function givenFiles(attachments: Attachments, run: Run): Promise<GivenFiles> {
  const files = await attachments.shown(run);
  const images = shownImages(files).map(async (file) => ({
    contentType: file.contentType,
    bytes: await attachments.bytes(run, file),
  }));
  return { files, images: await Promise.all(images) };
}
