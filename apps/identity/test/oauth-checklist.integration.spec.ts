import { BASIC_CASES } from './oauth-basic-cases.fixture.js';
import { Exchange } from './oauth-exchange.fixture.js';
import { FAPI_CASES } from './oauth-fapi-cases.fixture.js';
import { ownSubject, type Subject, stockSubject } from './oauth-subject.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
const subjects: Record<string, Subject> = {};

beforeAll(async () => {
  running = await startIdentity();
  subjects['stock oidc-provider'] = await stockSubject();
  subjects['Magistry'] = await ownSubject(running);
});
afterAll(async () => {
  await Promise.all(Object.values(subjects).map((subject) => subject.stop()));
  await running.stop();
});

/** Each case is shown to hold on the certified original before it counts for ours. */
describe.each(['stock oidc-provider', 'Magistry'])('%s', (name) => {
  const exchange = () => {
    const subject = subjects[name];
    if (!subject) throw new Error(`${name} has not started`);
    return new Exchange(subject);
  };
  test.each(BASIC_CASES.map((one) => [one.name, one] as const))('Basic, %s', (_, { run }) => run(exchange()));
  test.each(FAPI_CASES.map((one) => [one.name, one] as const))('FAPI 2.0, %s', (_, { run }) =>
    run(exchange()),
  );
});
