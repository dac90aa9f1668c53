import { relative } from 'node:path';
import { build } from './build.ts';
import { repository } from './home.ts';
import { parsePort } from './ports.ts';
import { Stack } from './stack.ts';
import { printStage } from './stages.ts';
import { onStopRequest } from './stop-request.ts';

const { env } = process;

async function main(): Promise<void> {
  const stack = new Stack({
    home: env['MAGISTRY_HOME'] || '.magistry',
    services: true,
    gatewayPort: parsePort(env['PORT'] || env['MAGSAG_API_PORT']),
    external: { DATABASE_URL: env['DATABASE_URL'], REDIS_URL: env['REDIS_URL'], NATS_URL: env['NATS_URL'] },
    stage: printStage,
    report: (line) => console.log(line),
  });
  const stopRequested = onStopRequest(() => stack.force());
  try {
    await Promise.race([start(stack, stopRequested), whenAborted(stopRequested)]);
    await whenAborted(stopRequested);
    console.log('\nStopping');
  } finally {
    await stack.stop();
  }
}

async function start(stack: Stack, stopRequested: AbortSignal): Promise<void> {
  stack.claim();
  await printStage('build', () => build(stopRequested));
  await stack.start();
  const shown = (path: string) => (path.startsWith(repository) ? relative(repository, path) : path);
  console.log(`Magistry is ready on ${stack.gatewayUrl}`);
  console.log(
    `  keys to call it with: ${shown(stack.home.credentials)}; a first call: the curl in README.md`,
  );
  const operators = Object.entries(stack.operatorsUrls).map(([name, url]) => `${name} ${url}`);
  console.log(`  /metrics and /health for operators: ${operators.join(', ')}`);
  console.log(`  logs: ${shown(stack.home.logs)}; Ctrl-C stops everything`);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exit(1);
}
