// node post-load.ts URL HEADERS BODY RIGHT SECONDS CALLERS: posts the body over and over, and prints how many answers
// were 200 and had RIGHT in them. A process of its own, so that both sides pay the same for it.
import autocannon from 'autocannon';

const [url = '', headers = '{}', body = '', right = '', seconds = '1', callers = '64'] =
  process.argv.slice(2);
let done = 0;
let failed = 0;

const startedAt = performance.now();
const { latency } = await autocannon({
  url,
  connections: Number(callers),
  duration: Number(seconds),
  timeout: 10,
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...JSON.parse(headers) },
      body,
      onResponse: (status, answer) => {
        if (status === 200 && answer.includes(right)) done += 1;
        else failed += 1;
      },
    },
  ],
});
const elapsedMs = performance.now() - startedAt;
console.log(JSON.stringify({ done, failed, p50Ms: latency.p50, p99Ms: latency.p99, elapsedMs }));
