import { agents } from '@magistry/contracts';
import { type BareReceiver, startHttpReceiver } from '@magistry/testing';
import { type RunningAgents, startAgents } from './agents.fixture.js';

let inside: BareReceiver;
let running: RunningAgents;

/** As in production, where this machine may not be called: here by agents that were stored before that was so. */
beforeAll(async () => {
  inside = await startHttpReceiver((_, response) => response.end('inside'));
  const base_url = `http://127.0.0.1:${inside.port}/v1`;
  const shippedAgents = [
    { slug: 'own-model', title: 'T', description: 'D', model: { name: 'm', base_url } },
    {
      slug: 'metadata',
      title: 'T',
      description: 'D',
      model: { name: 'm', base_url: 'https://169.254.169.254/' },
    },
  ].map((definition) => agents.agentDefinition.parse(definition));
  running = await startAgents({ allowsLoopback: false, shippedAgents });
});
afterAll(async () => {
  await running.stop();
  await inside.close();
});

test.each(['own-model', 'metadata'])('the model of %s is not asked, and the run says why', async (slug) => {
  const asked = running.send(agents.runAgent, { params: { slug }, body: { payload: {} } });
  await expect(asked).rejects.toMatchObject({
    code: 'execution_failed',
    message: expect.stringMatching(/the model cannot be asked: (The URL must|The host)/),
  });
  expect(inside.connections()).toBe(0);
});

test('a model inside is refused when it is written, too', async () => {
  const model = { name: 'm', base_url: `http://127.0.0.1:${inside.port}/v1` };
  const asked = running.send(agents.createAgent, {
    body: { slug: 'mine', title: 'T', description: 'D', model },
  });
  await expect(asked).rejects.toMatchObject({ errors: [{ path: 'model.base_url' }] });
});
