// node infra/docker/health.ts SERVICE | URL: exit code 0 when the service, or what answers at a URL, is well.
// A container's health check: it asks as others ask, over NATS with the service's own user, or over HTTP.
import { getReadiness } from '@magistry/contracts';
import { Caller, connectNats } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';

const ANSWER_TIMEOUT_MS = 3_000;

async function faultsOver(target: string): Promise<string> {
  if (!target.startsWith('http:')) return faultsOfService(target);
  const response = await fetch(target, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  return response.ok ? '' : `${response.status} ${await response.text()}`;
}

async function faultsOfService(service: string): Promise<string> {
  const connection = await connectNats({ url: process.env['NATS_URL'] ?? '', service });
  const context = systemContext('health', { deadlineMs: ANSWER_TIMEOUT_MS });
  const { failures } = await new Caller(connection).call(getReadiness(service), {}, context);
  return Object.entries(failures)
    .map(([dependency, fault]) => `${dependency}: ${fault}`)
    .join('; ');
}

setTimeout(() => end('no answer in time'), ANSWER_TIMEOUT_MS + 1_000);

function end(faults: string): never {
  if (faults !== '') console.error(faults);
  process.exit(faults === '' ? 0 : 1);
}

try {
  end(await faultsOver(process.argv[2] ?? ''));
} catch (error) {
  end((error as Error).message);
}
