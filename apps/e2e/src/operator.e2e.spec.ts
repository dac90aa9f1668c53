import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { decisions, SERVICES } from '@magistry/contracts';
import pg from 'pg';
import { eventually } from './eventually.fixture.js';
import { GatewayClient } from './gateway.fixture.js';
import { readLedger } from './ledger.fixture.js';
import { OperatorCommand } from './operator-command.fixture.js';
import { expectProblem } from './problem.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

/** The gateway believes what it heard of a credential for 5 s. */
const REFUSED_MS_MAX = 6_000;

const system = systemUnderTest();
const magistry = new OperatorCommand(system);
const unique = () => `operated-${randomBytes(6).toString('hex')}`;
const withKey = (key: string) => new GatewayClient(system.gatewayUrl, key);
let workspaces: Workspaces;
let workspace: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  workspace = await workspaces.create();
});
afterAll(() => workspaces?.close());

/** Waits until the key is answered with `status`. */
function untilAnswered(client: GatewayClient, status: number, headers = {}): Promise<void> {
  return eventually(REFUSED_MS_MAX, async () => {
    expect((await client.get('/v1/decisions', headers)).status).toBe(status);
  });
}

describe('workspaces', () => {
  const slug = unique();

  test('create makes one, and show and list know it', async () => {
    const created = await magistry.json('workspace', 'create', '--name', slug, '--tier', 'pro');
    expect([created.exitCode, created.json]).toEqual([0, { id: expect.any(Number), slug, tier: 'pro' }]);
    const shown = await magistry.json('workspace', 'show', String(created.json.id));
    expect(shown.json).toMatchObject({ slug, tier: 'pro', kill_switch_engaged: true, policy_version: 0 });
    const listed = await magistry.json('workspace', 'list');
    expect(listed.json.find((entry: { slug: string }) => entry.slug === slug)).toMatchObject(created.json);
    const { stdout } = await magistry.text('workspace', 'list');
    expect(stdout).toMatch(/^ID +WORKSPACE +TIER +CREATED +NAME\n/);
    expect(stdout).toContain(slug);
  });

  test('create tells a person what to do next', async () => {
    const { exitCode, stdout } = await magistry.text('workspace', 'create', '--name', unique());
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Next: magistry key create --workspace')]);
  });

  test('set-tier moves it, with the name of who did it', async () => {
    const moved = await magistry.json('--as', 'alice', 'workspace', 'set-tier', slug, 'free');
    expect(moved.json).toMatchObject({
      tier: 'free',
      previous_tier: 'pro',
      tier_changed_by: 'system:operator/alice',
    });
  });
});

describe('keys', () => {
  test('a created one opens the gateway and is listed without its secret; a revoked one is refused', async () => {
    const wish = ['--workspace', workspace.slug, '--name', 'nightly', '--scopes', 'decisions:read'];
    const { json: made } = await magistry.json('key', 'create', ...wish, '--limit-per-minute', '5000');
    expect((await withKey(made.key).get('/v1/decisions')).status).toBe(200);
    expectProblem(await withKey(made.key).propose(aSmallStep(randomUUID())), 'access_denied');
    const listed = await magistry.json('key', 'list', '--workspace', workspace.slug);
    expect(listed.json).toContainEqual(
      expect.objectContaining({ id: made.id, scopes: ['decisions:read'], limit_per_minute: 5_000 }),
    );
    expect(listed.stdout).not.toContain(made.key.split('_')[3]);
    const revoked = await magistry.json('key', 'revoke', String(made.id));
    expect(revoked.json).toMatchObject({ workspace: workspace.slug, revoked_by: 'system:operator' });
    await untilAnswered(withKey(made.key), 401);
    const { json: left } = await magistry.json('key', 'list', '--workspace', workspace.slug);
    expect(left.map(({ id }: { id: number }) => id)).not.toContain(made.id);
  });

  test('the secret is on stdout alone, once', async () => {
    const words = ['key', 'create', '--workspace', workspace.slug, '--name', 'shown'];
    const { stdout, stderr } = await magistry.text(...words, '--expires', '2099-12-31');
    expect(stdout.match(/sk_live_\w+/g)).toHaveLength(1);
    expect(stdout).toContain('2099-12-31T00:00:00Z');
    expect(stderr).toBe('');
  });
});

describe('partners', () => {
  test('a suspended one is refused within 6 s in every workspace, until it is approved again', async () => {
    const { slug, key } = await workspaces.createPartner(workspace.id, ['decisions:read']);
    const client = withKey(key);
    const chosen = { 'x-workspace-id': workspace.slug };
    expect((await client.get('/v1/decisions')).status).toBe(200);
    expect((await client.get('/v1/decisions', chosen)).status).toBe(200);
    const suspended = await magistry.json('--as', 'bob', 'partner', 'suspend', slug, '--reason', 'a test');
    expect(suspended.json).toMatchObject({
      status: 'suspended',
      status_reason: 'a test',
      status_changed_by: 'system:operator/bob',
    });
    await untilAnswered(client, 401);
    await untilAnswered(client, 401, chosen);
    const { stdout } = await magistry.text('partner', 'list');
    expect(stdout).toMatch(new RegExp(`^${slug} +suspended +1 `, 'm'));
    const approved = await magistry.json('partner', 'approve', slug);
    expect(approved.json).toMatchObject({ slug, status: 'approved' });
    await untilAnswered(client, 200);
  });
});

describe('integrations', () => {
  test('list shows how each stands, and its workspace reads in the audit log who suspended one, and why', async () => {
    const wanted = { name: 'Widget', agent: 'catalog-assistant' };
    const { json } = await workspace.client.write('POST', '/api/v1/integrations', wanted);
    const { id } = json.data;
    const where = [String(id), '--workspace', workspace.slug];
    await magistry.json('--as', 'bob', 'integration', 'suspend', ...where, '--reason', 'a test');
    const { stdout } = await magistry.text('integration', 'list', '--workspace', workspace.slug);
    expect(stdout).toMatch(new RegExp(`^${id} +Widget +catalog-assistant +suspended +\\d`, 'm'));
    await eventually(REFUSED_MS_MAX, async () => {
      const audit = await workspace.client.get('/v1/audit?action=integration.suspended');
      expect(audit.json.data).toMatchObject([
        { actor: 'system:operator/bob', subject: `integration:${id}`, details: { reason: 'a test' } },
      ]);
    });
    const resumed = await magistry.text('integration', 'resume', ...where);
    expect(resumed.stdout).toBe(`Integration ${id} (Widget) of ${workspace.slug} is active.\n`);
  });
});

describe('the kill switch', () => {
  test('is released, engaged and shown, and its rows name the operator', async () => {
    const where = ['--workspace', workspace.slug, '--reason'];
    const released = await magistry.json('--as', 'alice', 'killswitch', 'release', ...where, 'a launch');
    expect(released.json).toMatchObject({ engaged: false, changed_by: 'system:operator/alice' });
    const applied = await workspace.client.propose(aSmallStep(randomUUID()));
    expect(applied.json.status).toBe('APPLIED');
    const engaged = await magistry.json('killswitch', 'engage', ...where, 'an incident');
    const shown = await magistry.json('killswitch', 'show', '--workspace', String(workspace.id));
    expect(shown.json).toEqual(engaged.json);
    expect(shown.json).toEqual((await workspace.client.get('/v1/killswitch')).json);
    const rejected = await workspace.client.propose(aSmallStep(randomUUID()));
    expect(rejected.json).toMatchObject({ status: 'REJECTED', gates_failed: ['kill_switch'] });
    const rows = (await readLedger(workspace.client)).filter(({ action }) => action.startsWith('KILL'));
    expect(rows.map(({ action, agent, reason }) => [action, agent, reason])).toEqual([
      ['KILL_SWITCH_RELEASE', 'system:operator/alice', 'a launch'],
      ['KILL_SWITCH_ENGAGE', 'system:operator', 'an incident'],
    ]);
  });
});

describe('the platform', () => {
  test('policy show is the policy of the API', async () => {
    const { json } = await magistry.json('policy', 'show', '--workspace', workspace.slug);
    expect(json).toEqual((await workspace.client.get('/v1/planner/policy')).json);
  });

  test('status finds every service and the gateway ready', async () => {
    const { exitCode, json } = await magistry.json('status');
    expect(exitCode).toBe(0);
    const told = json.services.map(({ service, ready }: Record<string, unknown>) => [service, ready]);
    expect(told).toEqual(['gateway', ...SERVICES].map((service) => [service, true]));
  });

  test('outbox shows every shard, all published soon', async () => {
    await eventually(REFUSED_MS_MAX, async () => {
      const { json } = await magistry.json('outbox');
      expect(json).toHaveLength(decisions.LEDGER_SHARDS);
      expect(json[decisions.shardOf(workspace.id)].last_position).toBeGreaterThan(0);
      expect(json.map(({ unpublished }: { unpublished: number }) => unpublished)).toEqual([0, 0, 0, 0]);
    });
  });

  test('queues names the holder of every shard', async () => {
    const { exitCode, json } = await magistry.json('queues');
    expect(exitCode).toBe(0);
    expect(json).toEqual(
      [0, 1, 2, 3].map((shard) => ({
        shard,
        process: expect.stringMatching(/.:\d+$/),
        epoch: expect.any(Number),
        queue_length: expect.any(Number),
      })),
    );
  });

  test('verify recomputes one workspace and all of them', async () => {
    const rows = (await readLedger(workspace.client)).length;
    const one = await magistry.json('verify', '--workspace', workspace.slug);
    const wanted = { workspace_id: workspace.id, rows, fault: null };
    expect([one.exitCode, one.json]).toEqual([0, { rows, workspaces: [wanted] }]);
    const all = await magistry.json('verify');
    expect(all.exitCode).toBe(0);
    expect(all.json.workspaces).toContainEqual(wanted);
  });

  test('verify names a fault and exits with 1', async () => {
    const owner = new pg.Client({ connectionString: system.databaseUrl });
    await owner.connect();
    const raise = `UPDATE decisions.ledger_head SET decision_id = decision_id + $1 WHERE workspace_id = $2`;
    await owner.query(raise, [1, workspace.id]);
    try {
      const { exitCode, stdout } = await magistry.text('verify', '--workspace', workspace.slug);
      expect([exitCode, stdout]).toEqual([
        1,
        expect.stringContaining(`workspace ${workspace.id}, decision `),
      ]);
    } finally {
      await owner.query(raise, [-1, workspace.id]);
      await owner.end();
    }
  });
});

describe('a refusal', () => {
  const lookUp = ['key', 'list', '--workspace'];
  test.each([
    ['a slug with spaces', ['workspace', 'create', '--name', 'x', '--slug', 'a b'], 'validation_failed'],
    ['a giant name', ['workspace', 'create', '--name', 'x'.repeat(100_000)], 'validation_failed'],
    ['a name of control characters', ['workspace', 'create', '--name', '\u001b[2J'], 'validation_failed'],
    ['an unknown tier', ['workspace', 'create', '--name', 'x', '--tier', 'gold'], 'validation_failed'],
    ['an unknown workspace', [...lookUp, "x' OR '1'='1"], 'not_found'],
    ['an unknown partner', ['partner', 'approve', 'nobody-at-all'], 'not_found'],
    ['an unknown key', ['key', 'revoke', '2000000000'], 'not_found'],
  ])("for %s is the platform's own, with exit code 1 and no stack", async (_, words, code) => {
    const { exitCode, json, stdout, stderr } = await magistry.json(...words);
    expect([exitCode, stdout, json.error.code]).toEqual([1, '', code]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('names the faulty field to a person', async () => {
    const words = [
      'key',
      'create',
      '--workspace',
      workspace.slug,
      '--name',
      'late',
      '--expires',
      '2020-01-01',
    ];
    const { exitCode, stderr } = await magistry.text(...words);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('  expiresUnixMs: must lie in the future'),
    ]);
  });

  test.each([
    ['a negative limit', ['key', 'create', '--workspace', 'x', '--name', 'x', '--limit-per-minute', '-5']],
    ['a bad date', ['key', 'create', '--workspace', 'x', '--name', 'x', '--expires', '2027-02-30']],
    ['a missing option', ['killswitch', 'engage', '--workspace', 'x']],
    ['an unknown command', ['frobnicate']],
    ['a command group alone', ['workspace']],
    ["another's name", ['--as', 'key:12', 'status']],
    ['a URL that is none', ['--nats-url', 'http://127.0.0.1', 'status']],
  ])('for %s is wrong usage, with exit code 2', async (_, words) => {
    const { exitCode, stdout, stderr } = await magistry.text(...words);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each([
    ['nothing runs', { MAGISTRY_OPERATOR_URL: 'nats://127.0.0.1:9' }, 'npm start'],
    ['nothing was started', { MAGISTRY_HOME: '/no/such/home' }, 'operator.json'],
  ])('when %s is exit code 3 with what to do', async (_, environment, advice) => {
    const { exitCode, stderr } = await magistry.run(['status'], { environment });
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(advice)]);
  });
});

test('Ctrl-C ends it with exit code 130 and a sentence', async () => {
  // A platform that says nothing: the command waits for it.
  const silent = createServer().listen(0, '127.0.0.1');
  const interrupted = once(silent, 'connection').then(([socket]: Socket[]) => socket?.resume());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const environment = { MAGISTRY_OPERATOR_URL: `nats://127.0.0.1:${port}` };
  const { exitCode, stderr } = await magistry.run(['status'], { environment, interrupted });
  silent.close();
  expect([exitCode, stderr]).toEqual([130, expect.stringContaining('Interrupted')]);
});

test('--help needs no running system', async () => {
  const environment = { MAGISTRY_HOME: '/no/such/home' };
  const { exitCode, stdout } = await magistry.run(['killswitch', 'engage', '--help'], { environment });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Examples:')]);
});
