import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

// A model that gives back what it was asked, in capitals: OpenAI's chat completions, streamed, as far as agents need.
const { MODEL_KEY, MODEL_PORT } = process.env;

createServer(async (request, response) => {
  if (request.headers.authorization !== `Bearer ${MODEL_KEY}`) return response.writeHead(401).end();
  const { model, messages } = await json(request);
  const asked = messages.findLast(({ role }) => role === 'user').content;
  const text = typeof asked === 'string' ? asked : asked.map((part) => part.text ?? '').join('');
  const send = (members) => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model, ...members };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const choice = (delta, finish_reason = null) => [{ index: 0, delta, finish_reason }];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send({ choices: choice({ role: 'assistant', content: text.toUpperCase() }) });
  send({ choices: choice({}, 'stop') });
  send({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 } });
  response.end('data: [DONE]\n\n');
}).listen(Number(MODEL_PORT), '127.0.0.1');
