// node read-load.ts URL HEADERS SECONDS CALLERS: sends one GET over and over and prints how many were answered
// 200, and how fast.
// A process of its own, so that both sides pay the same for it.
import autocannon from 'autocannon';

const [url = '', headers = '{}', seconds = '1', callers = '64'] = process.argv.slice(2);

const startedAt = performance.now();
const result = await autocannon({
  url,
  headers: JSON.parse(headers),
  connections: Number(callers),
  duration: Number(seconds),
  timeout: 5,
});
const done = result['2xx'];
const failed = result.non2xx + result.errors;
const p99Ms = result.latency.p99;
console.log(JSON.stringify({ done, failed, p99Ms, elapsedMs: performance.now() - startedAt }));
