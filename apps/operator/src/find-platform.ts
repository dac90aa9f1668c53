import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OperatorConfig } from './config.js';
import { CommandFailure, EXIT } from './exit.js';

/** Where a running Magistry is asked. */
export interface PlatformAddress {
  /** `nats://operator:password@host:port` */
  readonly natsUrl: string;
  /** Undefined when nobody said where the gateway is. */
  readonly gatewayUrl: string | undefined;
}

// As "npm start" has it, from wherever the command is run.
const checkout = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * `--nats-url`, else MAGISTRY_OPERATOR_URL, else what `npm start` left in its home. Only then is the gateway the
 * home's own: it may have nothing to do with a NATS that was named.
 */
export function findPlatform(
  options: { natsUrl?: string | undefined; gatewayUrl?: string | undefined },
  config: OperatorConfig,
): PlatformAddress {
  const gatewayUrl = options.gatewayUrl ?? config.MAGISTRY_BASE_URL;
  if (options.natsUrl) return { natsUrl: natsUrl(options.natsUrl, '--nats-url'), gatewayUrl };
  const { MAGISTRY_OPERATOR_URL: named } = config;
  if (named) return { natsUrl: natsUrl(named, 'MAGISTRY_OPERATOR_URL'), gatewayUrl };
  const home = resolve(checkout, config.MAGISTRY_HOME);
  const found = readMember(home, 'operator.json', 'nats_url');
  if (found === undefined) throw notRunning(config.MAGISTRY_HOME);
  return {
    natsUrl: natsUrl(found, 'nats_url of operator.json'),
    gatewayUrl: gatewayUrl ?? readMember(home, 'credentials.json', 'base_url'),
  };
}

// The URL holds a password: whatever is wrong with it, it is not shown.
function natsUrl(text: string, source: string): string {
  const isNats = URL.canParse(text) && ['nats:', 'tls:'].includes(new URL(text).protocol);
  if (isNats) return text;
  throw new CommandFailure(EXIT.usage, `${source} is not a URL such as nats://operator:password@host:4222.`);
}

function readMember(home: string, file: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(readFileSync(join(home, file), 'utf8')) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function notRunning(home: string): CommandFailure {
  return new CommandFailure(
    EXIT.unreachable,
    `No Magistry was started in ${home} yet: it has no readable operator.json. Run "npm start", name its home in ` +
      'MAGISTRY_HOME, or name another one with --nats-url or MAGISTRY_OPERATOR_URL.',
  );
}
