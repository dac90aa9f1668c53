import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { filesMatching } from '../repository.ts';

/** One file of a tree, read and parsed once for all rules. */
export interface SourceFile {
  /** From the tree's root, with forward slashes. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly syntax: ts.SourceFile;
}

/** Every program file of a tree, and the text of everything else that a person wrote. */
export interface Tree {
  readonly sources: readonly SourceFile[];
  readonly texts: ReadonlyMap<string, string>;
}

const PLACES = [
  '*',
  '.ci/*',
  ...['apps', 'docs', 'infra', 'libs', 'proto', 'tools'].map((top) => `${top}/**/*`),
];
const PROGRAM = /\.(ts|mjs|cjs)$/;
const TEXT = /\.(ts|mjs|cjs|json|md|sql|proto|yaml|yml|prisma|toml|conf|Dockerfile|__template__)$|(^|\/)run$/;
export function readTree(folder: string): Tree {
  const paths = filesMatching(PLACES, folder).filter((path) => TEXT.test(path));
  const texts = new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  const sources = [...texts].filter(([path]) => PROGRAM.test(path)).map(([path, text]) => parse(path, text));
  return { sources, texts };
}

export function isSpec({ path }: SourceFile): boolean {
  return path.endsWith('.spec.ts');
}

/** Every node below another one, in the order of the text. */
export function descendants(node: ts.Node): ts.Node[] {
  const below: ts.Node[] = [];
  node.forEachChild((child) => {
    below.push(child);
    for (const deeper of descendants(child)) below.push(deeper);
  });
  return below;
}

export function lineOf({ syntax }: SourceFile, position: number): number {
  return syntax.getLineAndCharacterOfPosition(position).line + 1;
}

function parse(path: string, text: string): SourceFile {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lines = text.replace(/\n$/, '').split('\n');
  return { path, folder: dirname(path), name: basename(path), text, lines, syntax };
}
