// node propose-load.ts URL KEY SECONDS CALLERS PREFIX: sends proposals, each with a key and a subject of its own,
// and prints how many were answered as APPLIED. A process of its own, so that both sides pay the same for it.
import autocannon from 'autocannon';

const [url = '', key = '', seconds = '1', callers = '64', prefix = 'bench'] = process.argv.slice(2);
let sent = 0;
let applied = 0;
let refused = 0;

const startedAt = performance.now();
await autocannon({
  url,
  connections: Number(callers),
  duration: Number(seconds),
  timeout: 5,
  requests: [
    {
      method: 'POST',
      path: '/v1/planner/propose',
      setupRequest: (request) => {
        sent += 1;
        const name = `${prefix}-${sent}`;
        const headers = {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': name,
        };
        return { ...request, headers, body: JSON.stringify(proposal(name)) };
      },
      onResponse: (status, body) => {
        if (status === 200 && body.includes('"status":"APPLIED"')) applied += 1;
        else refused += 1;
      },
    },
  ],
});
console.log(JSON.stringify({ applied, refused, elapsedMs: performance.now() - startedAt }));

function proposal(name: string) {
  return {
    tenant: 'linen-house',
    action: 'PRICE_CHANGE',
    sku: name,
    delta_eur: -0.01,
    evidence_tier: 'A',
    evidence_ref: `rsx://signals/${name}`,
    dry_run: false,
  };
}
