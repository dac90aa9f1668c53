import { planner } from '@magistry/contracts';
import { LedgerDouble } from './ledger.fixture.js';
import { aContext, RunningPlanner } from './planner.fixture.js';

const WORKSPACE = 42;
let running: RunningPlanner;
let ledger: LedgerDouble;

beforeEach(async () => {
  running = await RunningPlanner.start();
  ledger = new LedgerDouble(running.gateway, WORKSPACE);
  await running.gateway.flush();
});
afterEach(async () => {
  await ledger.stop();
  await running.stop();
});

const get = async () => {
  const { body } = await running.send(planner.getPolicy, '', aContext(WORKSPACE));
  return JSON.parse(Buffer.from(body).toString());
};
const put = (body: unknown) => running.send(planner.setPolicy, body, aContext(WORKSPACE));

test('a workspace that set none has the defaults', async () => {
  expect(await get()).toEqual({
    version: 0,
    policy: {
      velocity_per_minute: 600,
      price_budget_eur_per_day: 5_000,
      ads_budget_eur_per_day: 1_000,
      price_step_eur: 50,
      price_step_percent: 30,
      judge_pass_from: 0.7,
      judge_escalate_from: 0.45,
      protected_marks: [],
    },
  });
});

test('a policy set elsewhere is told at once', async () => {
  await get();
  ledger.head = { policyVersion: 3, policyJson: '{"protected_marks":["Casa Lino"]}' };
  expect(await get()).toMatchObject({ version: 3, policy: { protected_marks: ['Casa Lino'] } });
});

test('PUT sends the whole policy as canonical JSON and answers what the ledger says', async () => {
  ledger.answers = [{ body: Buffer.from('{"version":1,"policy":{}}') }];
  const answer = await put({ price_step_eur: 20.5, protected_marks: ['Casa Lino'], reason: 'autumn' });
  expect(Buffer.from(answer.body).toString()).toBe('{"version":1,"policy":{}}');
  expect(ledger.commands).toMatchObject([
    {
      case: 'setPolicy',
      value: {
        reason: 'autumn',
        policyJson:
          '{"ads_budget_eur_per_day":1000,"judge_escalate_from":0.45,"judge_pass_from":0.7,' +
          '"price_budget_eur_per_day":5000,"price_step_eur":20.5,"price_step_percent":30,' +
          '"protected_marks":["Casa Lino"],"velocity_per_minute":600}',
      },
    },
  ]);
});

test.each([
  ['an unknown threshold', { price_step: 1 }, 'price_step'],
  ['a negative budget', { ads_budget_eur_per_day: -1 }, 'ads_budget_eur_per_day'],
  ['a mark without letters', { protected_marks: ['--'] }, 'protected_marks[0]'],
  ['an escalation above the pass', { judge_escalate_from: 0.9 }, 'judge_escalate_from'],
])('%s is refused with its path', async (_, body, path) => {
  await expect(put(body)).rejects.toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  expect(ledger.commands).toEqual([]);
});
