import { getReadiness, SERVICES } from '@magistry/contracts';
import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { describeFailure } from '../failure.js';
import { withExamples } from '../output/help.js';
import { table } from '../output/table.js';
import type { Platform } from '../platform.js';
import type { Session } from '../session.js';

const GATEWAY_MS_MAX = 2_000;

interface Standing {
  readonly service: string;
  /** Null when it could not be asked. */
  readonly ready: boolean | null;
  /** What is wrong, by dependency. */
  readonly failures: Readonly<Record<string, string>>;
}

export function status(parent: Command, session: Session): void {
  const command = parent
    .command('status')
    .summary('whether every service is ready')
    .description(
      'Asks every service whether it can work, and the gateway whether it answers. Exits 1 when one is not ready.',
    )
    .action(
      session.does(async (platform) => {
        const services = await Promise.all([
          askGateway(platform.address.gatewayUrl),
          ...SERVICES.map((service) => askService(platform, service)),
        ]);
        const rows = services.map(({ service, ready, failures }) => [
          service,
          stateOf(ready),
          Object.entries(failures)
            .map(([what, fault]) => `${what}: ${fault}`)
            .join('; '),
        ]);
        const exitCode = services.some(({ ready }) => ready === false) ? EXIT.refused : EXIT.ok;
        return { json: { services }, text: table(['SERVICE', 'STATE', 'WHAT IS WRONG'], rows), exitCode };
      }),
    );
  withExamples(command, 'magistry status', 'magistry status --gateway-url https://api.magistry.example');
}

function stateOf(ready: boolean | null): string {
  if (ready === null) return 'not asked';
  return ready ? 'ready' : 'NOT READY';
}

async function askService(platform: Platform, service: string): Promise<Standing> {
  try {
    const { failures } = await platform.call(getReadiness(service), {});
    return { service, ready: Object.keys(failures).length === 0, failures };
  } catch (error) {
    return { service, ready: false, failures: { [service]: describeFailure(error).text } };
  }
}

async function askGateway(url: string | undefined): Promise<Standing> {
  const service = 'gateway';
  if (url === undefined) {
    const hint = 'where it is was not said: name it with --gateway-url or MAGISTRY_BASE_URL';
    return { service, ready: null, failures: { gateway: hint } };
  }
  try {
    const { status } = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(GATEWAY_MS_MAX) });
    return {
      service,
      ready: status === 200,
      failures: status === 200 ? {} : { gateway: `answers ${status}` },
    };
  } catch {
    return { service, ready: false, failures: { gateway: `does not answer on ${url}` } };
  }
}
