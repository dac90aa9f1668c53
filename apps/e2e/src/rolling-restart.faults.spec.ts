import { services } from '../../../infra/local/services.ts';
import { RollingSystem } from './rolling-restart.fixture.js';

const START_MS_MAX = 120_000;
const TEST_MS_MAX = 10 * 60_000;

let rolling: RollingSystem;

beforeAll(async () => {
  rolling = await RollingSystem.start();
}, START_MS_MAX);
afterAll(() => rolling?.stop(), START_MS_MAX);

test.each(services.map(({ name }) => [name]))(
  '20 rolling restarts of %s fail no request',
  (service) => rolling.rollUnderLoad(service, 20),
  TEST_MS_MAX,
);
