import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A reader sees the old file or the new one, never half of one; only the owner can read it. */
export function writePrivateJson(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Undefined when there is no such file; an unreadable one is an error that names it. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON. Mend it, or delete it to have it made anew.`);
  }
}
