import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const tailBytes = 16_384;
const tailLines = 10;
const largestLogBytes = 50_000_000;

/** The last lines of a log, indented for printing. */
export function readLogTail(path: string): string {
  if (!existsSync(path)) return '  (no log yet)';
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').trimEnd().split('\n').slice(-tailLines);
    return lines.map((line) => `  ${line}`).join('\n');
  } finally {
    closeSync(file);
  }
}

/** A log that has grown large is set aside at a start; the one set aside before is dropped. */
export function rotateLargeLog(path: string): void {
  if (existsSync(path) && statSync(path).size > largestLogBytes) renameSync(path, `${path}.1`);
}
