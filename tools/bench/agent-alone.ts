// node agent-alone.ts MODEL-URL PORT: the agent's steps behind bare HTTP, kept nowhere: what both sides of P6 pay.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { runSteps, stepsModel } from './agent-steps.ts';

const [modelUrl = '', port = ''] = process.argv.slice(2);
const model = stepsModel(modelUrl);

const server = createServer(async (request, response) => {
  const { payload } = (await json(request)) as { payload: Record<string, unknown> };
  const output = await runSteps(model, payload, (_name, step) => step());
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ output }));
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
