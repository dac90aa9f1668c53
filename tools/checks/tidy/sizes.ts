import ts from 'typescript';
import { descendants, isSpec, lineOf, type SourceFile, type Tree } from './source-files.ts';

const FILE_LINES_MAX = 300;
const FILE_LINES_NINE_IN_TEN_MAX = 200;
const FUNCTION_LINES_MAX = 70;
/** The formatter breaks code at 110; what it cannot break, comments, SQL and texts, may go on a little. */
const LINE_COLUMNS_MAX = 120;
const FOLDER_FILES_MAX = 15;
const LEVELS_BELOW_SRC_MAX = 2;

/** A register, one file an operation or command, all of one shape and each found by its public name. */
const REGISTER = /\/src\/(operations|commands)$/;
const REGISTER_FILES_MAX = 80;

/** Folders with a budget of their own, each for its reason. */
const FOLDER_FILES_MAX_OF: Readonly<Record<string, number>> = {
  // One process supervisor, read from start.ts downwards; its files are small and import each other across any cut.
  'infra/local': 34,
  // The pure core: decide and what it reads and renders. To be cut by subject once the escalations have settled.
  'apps/decisions/src/domain': 28,
  // One file a table and side, as in identity; what looks across workspaces is in a folder of its own.
  'apps/decisions/src/storage': 20,
  // The register of what the platform offers: one file a resource or service.
  'libs/contracts/src': 48,
  // What the journeys share: one fixture a noun, imported across suites.
  'apps/e2e/src': 46,
  // One file a stage, listed by pipeline.ts.
  'apps/gateway/src/pipeline': 22,
  // One program a yardstick, and what runs and prints them.
  'tools/bench': 40,
  // One file a table and side: what is asked of it, and what is written.
  'apps/identity/src/storage': 40,
  // One file a table and side: the API's, fan-out's and the worker's statements on it.
  'apps/webhooks/src/storage': 26,
  // One file a rule on accounts and credentials; most are asked by operations of several resources.
  'apps/identity/src/domain': 30,
  // One file a rule on runs: what was asked, what may be done, what it costs, what is said next.
  'apps/agents/src/domain': 26,
  // What carries a run out, read from runner.ts downwards; its files are small and import each other across any cut.
  'apps/agents/src/runner': 20,
  // One file a table and side, as in webhooks.
  'apps/agents/src/storage': 26,
};

export function fileLengths({ sources }: Tree): string[] {
  const lengths = sources.map(({ lines }) => lines.length).sort((one, other) => one - other);
  const nineInTen = lengths[Math.ceil(lengths.length * 0.9) - 1] ?? 0;
  const long = sources.filter(({ lines }) => lines.length > FILE_LINES_MAX);
  const findings = long.map(({ path, lines }) => `${path}: ${lines.length} lines, at most ${FILE_LINES_MAX}`);
  if (nineInTen <= FILE_LINES_NINE_IN_TEN_MAX) return findings;
  return [
    ...findings,
    `nine files in ten have up to ${nineInTen} lines, at most ${FILE_LINES_NINE_IN_TEN_MAX}`,
  ];
}

/** Of code that runs and of tests alike; a suite's `describe` is a chapter, not a function. */
export function functionLengths({ sources }: Tree): string[] {
  return sources.flatMap((source) =>
    descendants(source.syntax)
      .filter(ts.isFunctionLike)
      .filter((node) => 'body' in node && node.body !== undefined && !isChapter(node))
      .map((node) => ({ node, from: lineOf(source, node.getStart()), to: lineOf(source, node.getEnd()) }))
      .filter(({ from, to }) => to - from + 1 > FUNCTION_LINES_MAX)
      .map(({ from, to }) => `${source.path}:${from}: ${to - from + 1} lines, at most ${FUNCTION_LINES_MAX}`),
  );
}

function isChapter({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && parent.expression.getText().startsWith('describe');
}

export function lineWidths({ sources }: Tree): string[] {
  return sources.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      line.length > LINE_COLUMNS_MAX
        ? [`${path}:${index + 1}: ${line.length} columns, at most ${LINE_COLUMNS_MAX}`]
        : [],
    ),
  );
}

/** Specs do not count: each stands beside the file that it tests. */
export function folderSizes({ sources }: Tree): string[] {
  const counts = new Map<string, number>();
  for (const { folder } of sources.filter((source) => !isSpec(source))) {
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .map(([folder, count]) => ({ folder, count, most: folderFilesMax(folder) }))
    .filter(({ count, most }) => count > most)
    .map(({ folder, count, most }) => `${folder}: ${count} files, at most ${most}`);
}

function folderFilesMax(folder: string): number {
  return FOLDER_FILES_MAX_OF[folder] ?? (REGISTER.test(folder) ? REGISTER_FILES_MAX : FOLDER_FILES_MAX);
}

export function folderDepths({ sources }: Tree): string[] {
  return sources
    .filter(isDeep)
    .map(({ path }) => `${path}: more than ${LEVELS_BELOW_SRC_MAX} folders below src`);
}

function isDeep({ folder }: SourceFile): boolean {
  const below = folder.split('/src/')[1]?.split('/') ?? [];
  return below.length > LEVELS_BELOW_SRC_MAX;
}
