// P1's yardstick: bare Fastify hands an envelope to the same service over NATS and answers its bytes.
// node yardstick-read.ts NATS_URL PORT WORKSPACE_ID WORKSPACE_SLUG
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { decisions, ReplySchema, RequestSchema } from '@magistry/contracts';
import { connectNats } from '@magistry/messaging';
import Fastify from 'fastify';

const [natsUrl = '', port = '0', id = '0', slug = ''] = process.argv.slice(2);
const nats = await connectNats({ url: natsUrl, service: 'yardstick' });
const http = Fastify();
http.get('/v1/killswitch', async (_, reply) => {
  const context = {
    requestId: 'bench',
    deadlineUnixMs: Date.now() + 2_000,
    principal: { id: 'bench', actor: 'bench', scopes: ['*'] },
    workspace: { id: Number(id), slug, tier: 'enterprise' },
    apiVersion: '2026-05-01',
  };
  const request = toBinary(RequestSchema, create(RequestSchema, { context }));
  const answer = await nats.request(decisions.getKillSwitch.name, request, { timeout: 2_000 });
  const { outcome } = fromBinary(ReplySchema, answer.data);
  if (outcome.case !== 'success') throw new Error('the service refused');
  reply.type('application/json').send(outcome.value.body);
});
await http.listen({ host: '127.0.0.1', port: Number(port) });
console.log('ready');
