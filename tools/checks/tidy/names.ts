import ts from 'typescript';
import { isForbiddenName } from './forbidden-names.ts';
import { descendants, lineOf, type SourceFile, type Tree } from './source-files.ts';

const LIBRARY_DOOR = /^libs\/[^/]+\/src\/index\.ts$/;

/** Words that readers would have to lengthen in their heads. */
const SHORTENED = new Set([
  ...[
    'cfg',
    'conf',
    'ctx',
    'req',
    'res',
    'resp',
    'msg',
    'impl',
    'err',
    'cb',
    'fn',
    'idx',
    'tmp',
    'val',
    'ret',
  ],
  ...['arr', 'obj', 'str', 'num', 'opts', 'prev', 'cur', 'acc', 'mgr', 'svc', 'repo', 'conn', 'decl', 'elem'],
]);

export function drawers({ sources }: Tree): string[] {
  return sources
    .filter(({ path }) => path.split('/').slice(1).some(isDrawer))
    .map(({ path }) => `${path}: its name fits any code`);
}

/** Named to the letter after the chapter of a seed that they prove. */
const SEED_CHAPTER = /^seed-\d{3}-/;

function isDrawer(part: string): boolean {
  return !SEED_CHAPTER.test(part) && part.split(/[.-]/).some(isForbiddenName);
}

export function barrels({ sources }: Tree): string[] {
  return sources
    .filter(({ path, name }) => /^index\.[cm]?ts$/.test(name) && !LIBRARY_DOOR.test(path))
    .map(({ path }) => `${path}: index.ts is the door of a library alone`);
}

export function shortenedNames({ sources }: Tree): string[] {
  return sources.flatMap((source) =>
    descendants(source.syntax)
      .filter(isDeclaredName)
      .filter(({ text }) => SHORTENED.has(text))
      .map((name) => `${source.path}:${lineOf(source, name.getStart())}: ${name.text} is shortened`),
  );
}

function isDeclaredName(node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  const declares = ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent);
  return (declares || ts.isFunctionLike(parent) || ts.isPropertyDeclaration(parent)) && parent.name === node;
}

/** Values that a file exports and no other file names. Types may: they are part of what is exported with them. */
export function unusedExports({ sources }: Tree): string[] {
  const words = new Map(sources.map((source) => [source.path, wordsOf(source)]));
  return sources.flatMap((source) =>
    exportedNames(source)
      .filter((name) => ![...words].some(([path, used]) => path !== source.path && used.has(name)))
      .map((name) => `${source.path}: ${name} is exported and used nowhere else`),
  );
}

function exportedNames({ syntax }: SourceFile): string[] {
  return syntax.statements.filter(isExported).flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return descendants(statement)
        .filter(isDeclaredHere)
        .map(({ text }) => text);
    }
    const isValue = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    return isValue && statement.name !== undefined ? [statement.name.text] : [];
  });
}

/** A constant's own name, or those that its pattern takes apart. */
function isDeclaredHere(node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node)) return false;
  let { parent } = node;
  if (!(ts.isVariableDeclaration(parent) || ts.isBindingElement(parent)) || parent.name !== node)
    return false;
  while (!ts.isVariableStatement(parent) && !ts.isFunctionLike(parent)) parent = parent.parent;
  return ts.isVariableStatement(parent) && parent.parent.kind === ts.SyntaxKind.SourceFile;
}

// A default export is used by whoever loads the file: jest, Nx.
function isExported(statement: ts.Statement): boolean {
  const kinds = ts.canHaveModifiers(statement)
    ? (ts.getModifiers(statement) ?? []).map(({ kind }) => kind)
    : [];
  return kinds.includes(ts.SyntaxKind.ExportKeyword) && !kinds.includes(ts.SyntaxKind.DefaultKeyword);
}

function wordsOf({ text }: SourceFile): Set<string> {
  return new Set(text.match(/[A-Za-z_$][\w$]*/g));
}
