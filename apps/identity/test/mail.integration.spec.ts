import { setTimeout as pause } from 'node:timers/promises';
import { identity } from '@magistry/contracts';
import { aCaller, freshKey } from './caller.fixture.js';
import { LetterBox } from './letter-box.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const ARRIVAL_MS_MAX = 5_000;
const body = { email: 'new@b.example', role: 'viewer' };

async function invite(running: RunningIdentity): Promise<string> {
  const caller = await aCaller(running);
  const key = freshKey();
  const [told, again] = [
    await caller.ask(identity.createInvitation, { body, key }),
    await caller.ask(identity.createInvitation, { body, key }),
  ];
  expect([told.status, again.text]).toEqual([201, told.text]);
  return told.json.url;
}

async function arrived(box: LetterBox): Promise<string> {
  const until = Date.now() + ARRIVAL_MS_MAX;
  while (box.letters.length === 0 && Date.now() < until) await pause(20);
  return (box.letters[0] ?? '').replaceAll('=\r\n', '');
}

test('an invitation is mailed once, a retry included, with its link', async () => {
  const box = await LetterBox.open();
  const running = await startIdentity(undefined, box.url);
  const url = await invite(running);
  const letter = await arrived(box);
  expect(letter).toMatch(/^To: new@b\.example$/m);
  expect(letter).toMatch(/^From: Magistry <no-reply@example\.com>$/m);
  expect(letter).toContain(url);
  await running.stop();
  expect(box.letters).toHaveLength(1);
  box.close();
});

test('while the mail server is away, or there is none, the invitation is made and the link told', async () => {
  const away = await startIdentity(undefined, 'smtp://127.0.0.1:9');
  expect(await invite(away)).toContain('/oauth/invitations/');
  await away.stop();
  const without = await startIdentity();
  const url = await invite(without);
  expect(without.letters).toMatchObject([{ to: 'new@b.example', text: expect.stringContaining(url) }]);
  await without.stop();
});
