import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { filesMatching } from './repository.ts';

/** A metric as its queries see it: what it may be called, and with which labels. */
export interface QueryableMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

export interface Query {
  /** File and panel or alert. */
  readonly place: string;
  readonly expression: string;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title?: string;
  readonly targets?: readonly { readonly expr?: string }[];
  readonly panels?: readonly Panel[];
}

/** On every sample: the process names itself, the scrape adds the rest. */
const EVERYWHERE = ['service', 'job', 'instance'];
/** Made by Prometheus itself. */
const UP: QueryableMetric = { name: 'up', type: 'gauge', labels: [] };

/** Every query of the dashboards and alert rules below a folder. */
export function queriesIn(folder: string): Query[] {
  return [
    ...dashboardQueries(folder),
    ...alertRulesIn(folder).map(({ place, rule }) => queryOf(place, rule)),
  ];
}

export function alertRulesIn(folder: string): { place: string; rule: AlertRule }[] {
  return filesMatching(['infra/grafana/alert-rules.yml'], folder).flatMap((place) => {
    const { groups } = parse(read(folder, place)) as { groups: { rules: AlertRule[] }[] };
    return groups.flatMap(({ rules }) => rules.map((rule) => ({ place, rule })));
  });
}

/** What a query refers to that does not exist, or why it is no query at all. */
export function faultsOf({ place, expression }: Query, metrics: readonly QueryableMetric[]): string[] {
  const source = expression.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h');
  const known = new Map([...metrics, UP].flatMap(seriesOf));
  const named: string[] = [];
  const faults: string[] = [];
  const labels: { label: string; metric: string | undefined }[] = [];
  parser.parse(source).iterate({
    enter: ({ type, node, from, to }) => {
      const text = source.slice(from, to);
      if (type.isError) faults.push(`is no PromQL at "${source.slice(Math.max(0, from - 20), from + 20)}"`);
      if (node.name === 'Identifier' && node.parent?.name === 'VectorSelector') named.push(text);
      if (node.name !== 'LabelName') return;
      const isMatcher = node.parent?.name === 'UnquotedLabelMatcher';
      labels.push({ label: text, metric: isMatcher ? named.at(-1) : undefined });
    },
  });
  if (named.length === 0) faults.push('names no metric');
  for (const name of named) if (!known.has(name)) faults.push(`there is no metric ${name}`);
  for (const { label, metric } of labels) {
    const candidates = metric === undefined ? named : [metric];
    if (!candidates.some((name) => known.get(name)?.has(label))) {
      faults.push(`${candidates.join(', ')} has no label ${label}`);
    }
  }
  return faults.map((fault) => `${place}: ${fault}`);
}

function seriesOf({ name, type, labels }: QueryableMetric): [string, Set<string>][] {
  const own = [...labels, ...EVERYWHERE];
  if (type !== 'histogram') return [[name, new Set(own)]];
  return [
    [`${name}_bucket`, new Set([...own, 'le'])],
    [`${name}_sum`, new Set(own)],
    [`${name}_count`, new Set(own)],
  ];
}

function dashboardQueries(folder: string): Query[] {
  return filesMatching(['infra/grafana/dashboards/*.json'], folder).flatMap((path) => {
    const { panels } = JSON.parse(read(folder, path)) as { panels: Panel[] };
    return panelQueries(path, panels);
  });
}

function panelQueries(path: string, panels: readonly Panel[]): Query[] {
  return panels.flatMap(({ title = '', targets = [], panels: inner = [] }) => [
    ...targets.map(({ expr = '' }) => ({ place: `${path}, ${title}`, expression: expr })),
    ...panelQueries(path, inner),
  ]);
}

function queryOf(place: string, { alert, expr }: AlertRule): Query {
  return { place: `${place}, ${alert}`, expression: expr };
}

function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}
