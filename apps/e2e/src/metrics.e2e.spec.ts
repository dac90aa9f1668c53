import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { declaredMetrics } from '@magistry/telemetry';
import { repository } from '../../../infra/local/home.ts';
import { operatorsUrls } from '../../../infra/local/operators-ports.ts';
import { readState } from '../../../infra/local/state.ts';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const system = systemUnderTest();
let workspaces: Workspaces;
let workspace: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  workspace = await workspaces.createOpen();
  const { status, json } = await workspace.client.propose(aSmallStep('counted'));
  expect([status, json.status]).toEqual([200, 'APPLIED']);
});
afterAll(() => workspaces.close());

const urls = () => operatorsUrls(readState(join(system.home, 'state.json')));

async function metricsOf(process: string): Promise<string> {
  const response = await fetch(`${urls()[process]}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

test('each process has an operators port of its own, recorded in the state of its home', async () => {
  const all = urls();
  expect(Object.keys(all).sort()).toEqual(expect.arrayContaining(['decisions', 'gateway', 'identity']));
  expect(new Set(Object.values(all)).size).toBe(Object.keys(all).length);
  for (const [name, url] of Object.entries(all)) {
    expect({ name, status: (await fetch(`${url}/health`)).status }).toEqual({ name, status: 200 });
    expect(await metricsOf(name)).toMatch(/^# TYPE magistry_\w+ /m);
  }
});

test('every metric that the code declares is shown by some process', async () => {
  const pages = await Promise.all(Object.keys(urls()).map(metricsOf));
  for (const path of globSync('{apps,libs}/*/src/**/metrics.ts', { cwd: repository })) {
    await import(pathToFileURL(join(repository, path)).href);
  }
  const declared = (await declaredMetrics()).map(({ name }) => name);
  expect(declared.length).toBeGreaterThan(10);
  expect(declared.filter((name) => !pages.some((page) => page.includes(`# TYPE ${name} `)))).toEqual([]);
});

test('a proposal is counted at the gateway, in the services and in the ledger', async () => {
  const proposed = 'route="POST /v1/planner/propose",status="2xx",outcome="ok"';
  expect(await metricsOf('gateway')).toMatch(
    new RegExp(`magistry_gateway_requests_total\\{[^}]*${proposed}[^}]*\\} [1-9]`),
  );
  expect(await metricsOf('planner')).toMatch(
    /magistry_operation_requests_total\{operation="planner.propose",outcome="ok"[^}]*\} [1-9]/,
  );
  expect(await metricsOf('decisions')).toMatch(
    /magistry_ledger_rows_total\{kind="PROPOSAL",status="APPLIED"[^}]*\} [1-9]/,
  );
});

test('the public port has no metrics', async () => {
  expect((await workspace.client.get('/metrics')).status).toBe(404);
});
