import { services } from '../../../infra/local/services.ts';
import { RollingSystem } from './rolling-restart.fixture.js';

const START_MS_MAX = 60_000;

let rolling: RollingSystem;

beforeAll(async () => {
  rolling = await RollingSystem.start();
}, START_MS_MAX);
afterAll(() => rolling?.stop(), START_MS_MAX);

test.each(services.map(({ name }) => [name]))(
  'a rolling restart of %s fails no request',
  (service) => rolling.rollUnderLoad(service, 1),
  START_MS_MAX,
);
