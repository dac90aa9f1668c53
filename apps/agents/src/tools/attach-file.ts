import { fileName, TEXT_TYPES } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { ATTACH_FILE, MADE_BYTES_MAX, MADE_FILES_MAX } from '../domain/made-files.js';
import type { AgentTool } from './agent-tool.js';

/**
 * Puts a file into the answer. It has no effect of its own: the call stands in the run's log, and the answer's files
 * are read from there (`domain/made-files.ts`), the same after every takeover.
 */
export const attachFile: AgentTool = {
  name: ATTACH_FILE,
  description:
    `Attaches a text file to your answer: at most ${MADE_FILES_MAX} files of ${MADE_BYTES_MAX / 1024} KiB. ` +
    'A file of the same name takes the place of the one before.',
  scope: null,
  inputSchema: {
    type: 'object',
    required: ['name', 'text'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 255 },
      text: { type: 'string', minLength: 1 },
      content_type: { enum: [...TEXT_TYPES] },
    },
  },
  execute: async ({ name, text }) => {
    const fault = fileName.safeParse(name).error?.issues[0]?.message;
    if (fault !== undefined) throw refusal(`The name ${fault}.`);
    const size = Buffer.byteLength(String(text));
    if (size > MADE_BYTES_MAX)
      throw refusal(`A file may have ${MADE_BYTES_MAX} bytes; this one has ${size}.`);
    return { name, size };
  },
};

function refusal(message: string): ProblemError {
  return new ProblemError('validation_failed', message);
}
