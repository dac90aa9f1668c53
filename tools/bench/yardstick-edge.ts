// First half of P2's and P4's yardsticks: Fastify asks over NATS and answers what comes back. Nothing else.
import { connectNats } from '@magistry/messaging';
import Fastify from 'fastify';

const [natsUrl = '', port = '0'] = process.argv.slice(2);
const nats = await connectNats({ url: natsUrl, service: 'yardstick' });
const http = Fastify();
http.removeAllContentTypeParsers();
http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
http.post('/v1/planner/propose', async (request, reply) => {
  const answer = await nats.request('yardstick.propose', request.body as Buffer, { timeout: 2_000 });
  reply.type('application/json').send(Buffer.from(answer.data));
});
http.get<{ Querystring: { limit: string } }>('/v1/decisions', async (request, reply) => {
  const question = JSON.stringify({ workspaceId: 1, limit: Number(request.query.limit) });
  const answer = await nats.request('yardstick.list', question, { timeout: 2_000 });
  reply.type('application/json').send(Buffer.from(answer.data));
});
await http.listen({ host: '127.0.0.1', port: Number(port) });
console.log('ready');
