import type { Tree } from '@nx/devkit';

const SEPARATOR = /^\|( *:?-+:? *\|)+$/;

/**
 * Adds a row to the Markdown table whose head begins with these cells, padded to its columns. Throws unless the
 * document has exactly one such table.
 */
export function addTableRow(
  tree: Tree,
  path: string,
  head: readonly string[],
  cells: readonly string[],
): void {
  const lines = (tree.read(path, 'utf8') ?? '').split('\n');
  const heads = lines.flatMap((line, index) => (isHead(line, lines[index + 1], head) ? [index] : []));
  const [start, another] = heads;
  if (start === undefined || another !== undefined) {
    throw new Error(`${path} does not have exactly one table | ${head.join(' | ')} |: add the row by hand.`);
  }
  let end = start;
  while (lines[end + 1]?.startsWith('|')) end += 1;
  const widths = cellsOf(lines[start] ?? '').map((cell) => cell.length);
  const row = cells.map((cell, column) => ` ${cell} `.padEnd(widths[column] ?? 0)).join('|');
  lines.splice(end + 1, 0, `|${row}|`);
  tree.write(path, lines.join('\n'));
}

function isHead(line: string, next: string | undefined, head: readonly string[]): boolean {
  const cells = cellsOf(line).map((cell) => cell.trim());
  return (
    line.startsWith('|') && SEPARATOR.test(next ?? '') && head.every((cell, index) => cells[index] === cell)
  );
}

function cellsOf(line: string): string[] {
  return line.split('|').slice(1, -1);
}
