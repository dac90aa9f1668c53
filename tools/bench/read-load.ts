// node read-load.ts URL KEY SECONDS CALLERS: sends GETs, and prints how many were answered 200 and how fast.
// A process of its own, so that both sides pay the same for it.
import autocannon from 'autocannon';

const [url = '', key = '', seconds = '1', callers = '32'] = process.argv.slice(2);
const startedAt = performance.now();
const result = await autocannon({
  url,
  connections: Number(callers),
  duration: Number(seconds),
  timeout: 5,
  headers: { authorization: `Bearer ${key}` },
});
const done = result['2xx'];
const failed = result.non2xx + result.errors;
console.log(
  JSON.stringify({ done, failed, p99Ms: result.latency.p99, elapsedMs: performance.now() - startedAt }),
);
