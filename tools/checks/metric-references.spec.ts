import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type DeclaredMetric,
  declaredMetrics,
  startTelemetry,
  telemetryVariables,
} from '@magistry/telemetry';
import { pino } from 'pino';
import { z } from 'zod';
import { alertRulesIn, faultsOf, queriesIn } from './metric-references.ts';
import { filesMatching, fixture, repository } from './repository.ts';

const page = readFileSync(join(repository, 'docs/watching.md'), 'utf8');
let metrics: DeclaredMetric[];
let ours: DeclaredMetric[];

beforeAll(async () => {
  // Declares what every process has, as its start does.
  const telemetry = await startTelemetry(
    'checks',
    z.object(telemetryVariables).parse({}),
    pino({ level: 'silent' }),
  );
  await telemetry.stop();
  for (const path of filesMatching(['{apps,libs}/*/src/**/metrics.ts'])) {
    await import(pathToFileURL(join(repository, path)).href);
  }
  metrics = await declaredMetrics();
  ours = metrics.filter(({ name }) => name.startsWith('magistry_'));
});

const queries = queriesIn(repository);

test('there are dashboards and alerts', () => {
  const files = new Set(queries.map(({ place }) => place.split(',')[0]));
  expect([...files]).toEqual([
    'infra/grafana/dashboards/agents.json',
    'infra/grafana/dashboards/ledger.json',
    'infra/grafana/dashboards/outbox.json',
    'infra/grafana/dashboards/processes.json',
    'infra/grafana/dashboards/requests.json',
    'infra/grafana/dashboards/webhook-fan-out.json',
    'infra/grafana/dashboards/webhook-sending.json',
    'infra/grafana/alert-rules.yml',
  ]);
});

test.each(queries)('$place names only metrics and labels that exist', (query) => {
  expect(faultsOf(query, metrics)).toEqual([]);
});

test('unknown metrics, unknown labels and broken queries are refused', () => {
  const faults = queriesIn(fixture('metric-references')).flatMap((query) => faultsOf(query, metrics));
  expect(faults).toEqual([
    expect.stringMatching(
      /dashboards\/broken\.json, Unknown metric: there is no metric magistry_gateway_answers_total/,
    ),
    expect.stringMatching(/Unknown label: magistry_gateway_requests_total has no label workspace/),
    expect.stringMatching(/Unknown grouping: magistry_ledger_lag_seconds has no label tenant/),
    expect.stringMatching(/A histogram itself: there is no metric magistry_ledger_commit_duration_seconds$/),
    expect.stringMatching(/No PromQL: is no PromQL at/),
    expect.stringMatching(/No query: names no metric/),
    expect.stringMatching(/alert-rules\.yml, MagistryUnknown: there is no metric magistry_unknown_total/),
  ]);
});

test('every metric of ours is looked at by a dashboard', () => {
  const asked = queries.map(({ expression }) => expression).join('\n');
  expect(ours.map(({ name }) => name).filter((name) => !asked.includes(name))).toEqual([]);
});

test('names end in their unit, counters in _total, and no label can grow without bound', () => {
  const unit =
    /_(seconds|bytes|commands|events|endpoints|deliveries|connected|held|in_flight|followers|logs)$/;
  expect(ours.filter(({ name, type }) => !(type === 'counter' ? /_total$/ : unit).test(name))).toEqual([]);
  const bounded = [
    'operation',
    'route',
    'status',
    'outcome',
    'shard',
    'kind',
    'source',
    'state',
    'api_version',
  ];
  expect(ours.flatMap(({ labels }) => labels).filter((label) => !bounded.includes(label))).toEqual([]);
});

test('docs/watching.md has a row for each metric, as declared, and for no other', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `magistry_'));
  const cells = rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .filter(Boolean)
      .join(' | '),
  );
  const expected = ours.map(({ name, type, labels, help }) => {
    return `\`${name}\` | ${type} | ${labels.join(', ') || 'none'} | ${help}`;
  });
  expect(cells.sort()).toEqual(expected.sort());
});

test('each alert says what is wrong and how grave it is, and docs/watching.md what to do', () => {
  const rules = alertRulesIn(repository).map(({ rule }) => rule);
  for (const { alert, labels, annotations } of rules) {
    expect({ alert, severity: labels?.['severity'] }).toEqual({
      alert,
      severity: expect.stringMatching(/^(critical|warning)$/),
    });
    expect(annotations?.['summary']).toMatch(/\w+ \w+/);
  }
  const headings = Array.from(page.matchAll(/^### (Magistry\w+)$/gm), ([, name]) => name);
  expect(headings).toEqual(rules.map(({ alert }) => alert));
});
