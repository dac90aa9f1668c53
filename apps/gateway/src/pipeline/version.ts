import { countVersion } from '../metrics.js';
import { type PublishedVersions, VERSION_HEADER } from '../versions/published-versions.js';
import type { Stage } from './stage.js';

/** Which dated shape the caller reads and writes. From here on refusals carry it too. */
export function version(versions: PublishedVersions): Stage {
  return (exchange) => {
    if (!exchange.isVersioned) return;
    const { date, headers } = versions.resolve(
      exchange.header(VERSION_HEADER),
      exchange.credential.apiVersion,
    );
    exchange.apiVersion = date;
    countVersion(exchange.operation.name, date);
    exchange.reply.headers(headers);
  };
}
