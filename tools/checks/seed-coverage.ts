import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { filesMatching } from './repository.ts';
import { descendants } from './tidy/source-files.ts';

const HEAD = ['Seed', 'Shown by'];
const RULE = /^\|(?:\s*:?-+:?\s*\|)+$/;
const BETWEEN_CELLS = /(?<!\\)\|/;
const BETWEEN_ENTRIES = '<br>';
/** A spec file and, as its source has it, the title of a test in it. */
const SHOWN = /^`((?:apps|libs|tools)\/[\w./-]+\.spec\.ts)` › (\S.*)$/;
const IN_WORDS = /^(?:Not built|Different): \S/;
const TEST = /^(?:test|it)$/;

/** What the tables below `docs/seeds` say that is not so, as `<document>:<line>: <finding>`. */
export function brokenSeedClaims(folder: string): string[] {
  return filesMatching(['docs/seeds/*.md'], folder).flatMap((document) => {
    const lines = readFileSync(join(folder, document), 'utf8').split('\n');
    const rows = lines.map(cellsOf);
    const findings = rows.flatMap((cells, index) =>
      (cells ? faultsOfRow(cells, folder) : []).map((fault) => `${document}:${index + 1}: ${fault}`),
    );
    return rows.some(isClaim) ? findings : [...findings, `${document}: has no row that claims anything`];
  });
}

/** Undefined of what is no row of a table. */
function cellsOf(line: string): string[] | undefined {
  if (!line.startsWith('|') || RULE.test(line)) return undefined;
  return line
    .split(BETWEEN_CELLS)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function isClaim(cells: string[] | undefined): boolean {
  return cells !== undefined && cells.join() !== HEAD.join();
}

function faultsOfRow(cells: string[], folder: string): string[] {
  if (!isClaim(cells)) return [];
  const [seed, shownBy, ...more] = cells;
  if (!seed || !shownBy || more.length > 0) return [`a row is ${HEAD.join(' and ')}, both filled in`];
  return shownBy.split(BETWEEN_ENTRIES).flatMap((entry) => faultsOfEntry(entry.trim(), folder));
}

function faultsOfEntry(entry: string, folder: string): string[] {
  if (IN_WORDS.test(entry)) return [];
  const [, path, title = ''] = SHOWN.exec(entry) ?? [];
  if (path === undefined) return [`no spec file with a test, no "Not built:" or "Different:": ${entry}`];
  if (!existsSync(join(folder, path))) return [`there is no ${path}`];
  return titlesIn(join(folder, path)).has(title) ? [] : [`${path} has no test "${title}"`];
}

/** Titles as they are written, of `test(...)`, `it(...)` and `test.each(...)(...)`; what is skipped shows nothing. */
function titlesIn(path: string): Set<string> {
  const syntax = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const calls = descendants(syntax).filter(ts.isCallExpression).filter(isTest);
  return new Set(calls.flatMap(({ arguments: [title] }) => (title ? writtenTexts(title) : [])));
}

function isTest({ expression }: ts.CallExpression): boolean {
  const called = ts.isCallExpression(expression) ? expression.expression : expression;
  if (ts.isIdentifier(called)) return TEST.test(called.text) && called === expression;
  if (!ts.isPropertyAccessExpression(called)) return false;
  return TEST.test(called.expression.getText()) && called.name.text === 'each' && called !== expression;
}

function writtenTexts(title: ts.Expression): string[] {
  if (ts.isStringLiteralLike(title)) return [title.text];
  return ts.isTemplateExpression(title) ? [title.getText().slice(1, -1)] : [];
}
