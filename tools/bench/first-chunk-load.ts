// node first-chunk-load.ts SECONDS message URL AUTHORIZATION | SECONDS alone MODEL-URL: asks the same question one
// time after the other, and prints how long the first words of the answers took to come.
import { CompatibleModel, instructionsOf, ledgerTools, requestOf } from './agents-build.ts';
import { MESSAGE, messageRun } from './message-stream.ts';

const [seconds = '1', side = '', url = '', authorization = ''] = process.argv.slice(2);
const firstChunk = side === 'message' ? firstOfMessage : alone();
const timesMs: number[] = [];
let failed = 0;

const startedAt = performance.now();
while (performance.now() - startedAt < Number(seconds) * 1_000) {
  const askedAt = performance.now();
  try {
    timesMs.push((await firstChunk()) - askedAt);
  } catch {
    failed += 1;
  }
}
timesMs.sort((one, other) => one - other);
const at = (share: number) => timesMs[Math.floor(timesMs.length * share)] ?? Number.NaN;
const elapsedMs = performance.now() - startedAt;
console.log(JSON.stringify({ done: timesMs.length, failed, p50Ms: at(0.5), p99Ms: at(0.99), elapsedMs }));

/** When the first `text.chunk` came; the rest of the stream is taken in before the next message. */
async function firstOfMessage(): Promise<number> {
  const { body, ok } = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ content: MESSAGE, stream: true }),
  });
  if (!ok || !body) throw new Error('refused');
  let cameAt: number | undefined;
  let told = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    told += text;
    if (told.includes('"text.chunk"')) cameAt ??= performance.now();
  }
  if (cameAt === undefined) throw new Error('no words came');
  return cameAt;
}

/** The AI SDK's call in this process, as the service makes it: the same model, prompt and tools. */
function alone(): () => Promise<number> {
  const model = new CompatibleModel({ baseUrl: url });
  const tools = ledgerTools({} as never).map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  const run = messageRun();
  return async () => {
    const request = {
      ...{ idempotencyKey: 'bench', model: 'bench', instructions: instructionsOf(run) },
      ...{ messages: [requestOf(run)], images: [], tools, completionTokensMax: 2_048 },
    };
    let cameAt: number | undefined;
    for await (const { kind } of model.stream(request, new AbortController().signal))
      if (kind === 'text') cameAt ??= performance.now();
    if (cameAt === undefined) throw new Error('no words came');
    return cameAt;
  };
}
