import { setTimeout as pause } from 'node:timers/promises';
import { isAnswered } from './readiness.fixture.js';

/** Run by `leavings.integration.spec.ts` behind the file that leaves all these. */
const LEFT = ['by-the-file', 'by-the-failed', 'for-others', 'too-late', 'by-the-group'];

test('nobody answers whom another file has begun', async () => {
  await pause(500);
  expect(await Promise.all(LEFT.map((whom) => isAnswered(`begun-${whom}`)))).toEqual(LEFT.map(() => false));
});
