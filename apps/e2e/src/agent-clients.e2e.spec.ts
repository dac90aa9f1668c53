import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { credentialsOf, systemUnderTest } from './system.fixture.js';

const run = promisify(execFile);
const EXAMPLES = new URL('../../../docs/examples/', import.meta.url);
const system = systemUnderTest();
const { api_key: apiKey, github_webhook_secret: githubSecret } = credentialsOf(system);

test('the curl examples of seed 004 work with its own key and nothing changed but host and run', async () => {
  const started = await fetch(`${system.gatewayUrl}/api/v1/agents/offer-orchestrator-mag/run`, {
    method: 'POST',
    headers: { authorization: `Bearer local-dev-key`, 'content-type': 'application/json' },
    body: JSON.stringify({ payload: { role: 'Engineer' } }),
  });
  const { run_id: runId } = (await started.json()) as { run_id: string };
  const script = readFileSync(new URL('api/curl_first_run.sh', EXAMPLES), 'utf8')
    .replace('http://localhost:8000', system.gatewayUrl)
    .replace('mag-a1b2c3d4', runId);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script]);
  expect(stdout).toContain('"title": "OfferOrchestratorMAG"');
  expect(stdout).toContain('"slug":"offer-orchestrator-mag","output":{"offer":{"role":"Staff Engineer"');
  const finishes = stdout
    .split('\n')
    .filter((line) => line.includes(runId) && line.includes('"event":"finish"'));
  expect(finishes.map((line) => line.replace(/[{].*/, ''))).toEqual(['', 'data: ']);
});

test.each([
  ['a key of the workspace', apiKey],
  ['the shared secret', 'local-dev-key'],
])('the curl examples of seed 004 pass every endpoint and refusal with %s', async (_, key) => {
  const script = new URL('api/curl_examples.sh', EXAMPLES).pathname;
  const keys = { MAGSAG_API_KEY: key, MAGSAG_GITHUB_WEBHOOK_SECRET: githubSecret };
  const env = { ...process.env, API_URL: system.gatewayUrl, ...keys };
  const { stdout } = await run('bash', [script], { env });
  const told = [
    '"status": "success"',
    '"request_id": "tour-1"',
    '"event":"finish"',
    '\n{"code":"agent_not_found"',
    '"code":"invalid_payload"',
    '"code":"execution_failed"',
  ];
  for (const part of [
    ...told,
    '"invalid_run_id"',
    '"not_found"',
    '"unauthorized"',
    '{"detail":"Request body too large"}',
    '"configured":true',
    '"invalid_signature"',
    '{"status":"ok"}\n200',
  ])
    expect(stdout).toContain(part);
  expect(stdout.match(/^\d{3}$/gm)).toEqual([
    ...['404', '400', '400', '400', '404', '401', '401', '400', '413', '401', '200'],
  ]);
  for (const secret of Object.values(keys)) expect(stdout).not.toContain(secret);
});
