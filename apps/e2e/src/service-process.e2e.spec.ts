import { readFileSync } from 'node:fs';
import { ServiceProcess } from './service-process.fixture.js';
import { systemUnderTest } from './system.fixture.js';

const NOBODY = 'nats://127.0.0.1:1';
const START_MS_MAX = 3_000;

const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ');

test('a process that is not ready in time leaves no child', async () => {
  const before = children();
  const starting = ServiceProcess.start(systemUnderTest(), 'agents', {
    natsUrl: NOBODY,
    startMsMax: START_MS_MAX,
  });
  expect(children()).toHaveLength(before.length + 1);
  await expect(starting).rejects.toThrow('has not said "ready"');
  expect(children()).toEqual(before);
});
