import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { CommandFailure, EXIT } from './exit.js';

interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/** Asks a person at a terminal, unless told not to; a script is not asked. Anything but yes ends the command. */
export async function confirm(
  question: string,
  options: { yes?: boolean | undefined },
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (options.yes || !terminal.input.isTTY) return;
  terminal.output.write(`${question} [y/N] `);
  const answer = await firstLine(terminal.input);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CommandFailure(EXIT.refused, 'Nothing was changed.');
}

/** Empty when the input ends without one. Without line editing, Ctrl-C stays the signal that ends the command. */
async function firstLine(input: Readable): Promise<string> {
  const lines = createInterface({ input, terminal: false });
  try {
    return await new Promise((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
  }
}
