import { reserveGatewayPort } from '../../infra/local/ports.ts';
import { provisionProgram, provisionPython } from '../../infra/local/provision.ts';
import type { CommandResult } from '../../infra/local/run-command.ts';
import { DEMO_WORKSPACE_SLUG } from '../../infra/local/services.ts';
import { removeAbandonedHomes, TestStack } from './test-stack.ts';

type Run = (environment: NodeJS.ProcessEnv) => Promise<CommandResult>;

/** Runs tests beside Postgres, NATS and Redis of their own, which the environment names. */
export function withIntegrationStack(signal: AbortSignal, run: Run): Promise<CommandResult> {
  return withStack(new TestStack('integration', false), signal, (stack) =>
    run({
      MAGISTRY_TEST_DATABASE_URL: stack.databaseAdminUrl,
      MAGISTRY_TEST_NATS_URL: stack.natsUrl,
      MAGISTRY_TEST_REDIS_URL: stack.redisUrl,
    }),
  );
}

/** Runs tests beside a whole system of their own, with what the clients of the seeds need. */
export async function withEndToEndStack(signal: AbortSignal, run: Run): Promise<CommandResult> {
  // Services inherit these. Nobody listens there but the test of traces, and it alone asks for any.
  const collector = await reserveGatewayPort('any');
  await collector.release();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${collector.port}`;
  process.env['OTEL_TRACES_SAMPLER'] = 'parentbased_always_off';
  const say = (line: string) => console.log(line);
  await provisionProgram('chromium', say, signal);
  // The clients of the seeds are run as they are printed.
  await provisionProgram('jq', say, signal);
  process.env['MAGISTRY_TEST_PYTHON'] = await provisionPython('requests', say, signal);
  // What seed 004 calls them, with the values of its examples.
  process.env['MAGSAG_API_KEY'] = 'local-dev-key';
  process.env['MAGSAG_WORKSPACE'] = DEMO_WORKSPACE_SLUG;
  // Nobody listens there but the journeys of GitHub, with a double of its API.
  const github = await reserveGatewayPort('any');
  await github.release();
  process.env['MAGSAG_GITHUB_API_URL'] = `http://127.0.0.1:${github.port}`;
  process.env['MAGSAG_GITHUB_TOKEN'] = 'ghp_double';
  const testStack = new TestStack('e2e', true);
  return withStack(testStack, signal, async (stack) => {
    const environment = {
      MAGISTRY_TEST_GATEWAY_URL: stack.gatewayUrl,
      MAGISTRY_TEST_CREDENTIALS: stack.home.credentials,
      MAGISTRY_TEST_HOME: stack.home.folder,
      MAGISTRY_TEST_DATABASE_URL: stack.databaseAdminUrl,
      MAGISTRY_TEST_NATS_URL: stack.natsUrl,
      MAGISTRY_TEST_COLLECTOR_PORT: String(collector.port),
      MAGISTRY_TEST_GITHUB_PORT: String(github.port),
      MAGISTRY_TEST_REDIS_URL: stack.redisUrl,
    };
    const result = await run(environment);
    const refusals = testStack.refusals();
    if (refusals.length === 0) return result;
    return { ok: false, output: [result.output, ...new Set(refusals)].join('\n') };
  });
}

async function withStack(
  testStack: TestStack,
  signal: AbortSignal,
  run: (stack: TestStack['stack']) => Promise<CommandResult>,
): Promise<CommandResult> {
  const stop = () => void testStack.stack.stop();
  let passed = false;
  try {
    signal.addEventListener('abort', stop, { once: true });
    await removeAbandonedHomes();
    await testStack.stack.start();
    const result = await run(testStack.stack);
    passed = result.ok;
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
    await testStack.discard(!passed);
  }
}
