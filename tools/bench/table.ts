import { type Comparison } from './bench.ts';
import { medianPerSecond, type Series } from './rounds.ts';

const HEADINGS = ['id', 'what', 'ours/s', 'yardstick', 'its/s', 'ratio', 'promised', 'reached'];

/** The comparisons as aligned columns: medians over the rounds, and the ratio of the medians. */
export function renderTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ id, what, ours, yardstick, promised }) => {
    const ratio = medianPerSecond(ours) / medianPerSecond(yardstick);
    return [
      id,
      what,
      String(Math.round(medianPerSecond(ours))),
      yardstick.name,
      String(Math.round(medianPerSecond(yardstick))),
      ratio.toFixed(2),
      promised === undefined ? '' : `>= ${promised}`,
      reached(ratio, promised),
    ];
  });
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function reached(ratio: number, promised: number | undefined): string {
  if (promised === undefined) return 'see below';
  return ratio >= promised ? 'yes' : 'no';
}

/** What the comparisons say beside their ratio. */
export function renderRemarks(comparisons: readonly Comparison[]): string {
  return comparisons.flatMap(({ id, remark }) => (remark ? [`${id}: ${remark}`] : [])).join('\n');
}

/** How many requests each side did and how many it failed. */
export function renderCounts(comparisons: readonly Comparison[]): string {
  const sides = new Map<string, Series>();
  for (const { id, ours, yardstick } of comparisons) {
    for (const series of [ours, yardstick]) sides.set(`${id} ${series.name}`, series);
  }
  const lines = [...sides].map(([name, { samples }]) => {
    const done = samples.reduce((sum, sample) => sum + sample.done, 0);
    const failed = samples.reduce((sum, sample) => sum + sample.failed, 0);
    return `${name}: ${done} requests done, ${failed} not`;
  });
  return lines.join('\n');
}
