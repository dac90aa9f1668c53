import ts from 'typescript';
import { descendants, lineOf, type SourceFile, type Tree } from './source-files.ts';

const SUPPRESSION = /(biome-ignore\S*|@ts-expect-error|@ts-ignore|@ts-nocheck|eslint-disable\S*)(.*)/;
const REASON = /[:-]\s*\S+(\s+\S+){2,}/;
const PROMISE = /\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/;

export function suppressions({ sources }: Tree): string[] {
  return commentsIn(sources)
    .filter(({ text }) => SUPPRESSION.test(text) && !REASON.test(SUPPRESSION.exec(text)?.[2] ?? ''))
    .map(({ place }) => `${place}: a suppression says why, behind a colon`);
}

export function promises({ sources }: Tree): string[] {
  return commentsIn(sources)
    .filter(({ text }) => PROMISE.test(text))
    .map(({ place }) => `${place}: what is left to do has its issue's number, as in (#12)`);
}

/** `any` stands only below a suppression, which then says why. */
export function anyTypes({ sources }: Tree): string[] {
  return sources.flatMap((source) =>
    descendants(source.syntax)
      .filter(({ kind }) => kind === ts.SyntaxKind.AnyKeyword)
      .map((node) => lineOf(source, node.getStart()))
      .filter((line) => !SUPPRESSION.test(source.lines[line - 2] ?? ''))
      .map((line) => `${source.path}:${line}: any, without a suppression that says why`),
  );
}

interface Comment {
  readonly place: string;
  readonly text: string;
}

function commentsIn(sources: readonly SourceFile[]): Comment[] {
  return sources.flatMap((source) => {
    const starts = new Map<number, Comment>();
    for (const node of [source.syntax, ...descendants(source.syntax), source.syntax.endOfFileToken]) {
      const ranges = [
        ...(ts.getLeadingCommentRanges(source.text, node.pos) ?? []),
        ...(ts.getTrailingCommentRanges(source.text, node.end) ?? []),
      ];
      for (const { pos, end } of ranges) {
        starts.set(pos, {
          place: `${source.path}:${lineOf(source, pos)}`,
          text: source.text.slice(pos, end),
        });
      }
    }
    return [...starts.values()];
  });
}
