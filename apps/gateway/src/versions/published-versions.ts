import { type PublicOperation, type VersionChain, versionChain } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';

/** A version that a request may use now, with the headers that its answers carry. */
export interface ServedVersion {
  readonly date: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Lifecycle extends ServedVersion {
  readonly publishedUnixMs: number;
  /** When its successor is published; Infinity for the newest. */
  readonly deprecatedUnixMs: number;
  /** 12 months later; Infinity for the newest. */
  readonly sunsetUnixMs: number;
  /** The headers from the day its successor is published. */
  readonly headersOnceDeprecated: Readonly<Record<string, string>>;
}

export const VERSION_HEADER = 'x-magistry-version';
const VARY = 'X-Magistry-Version';

/** Which dated versions live, by the clock: published on their day, gone 12 months after their successor's. */
export class PublishedVersions {
  private readonly lifecycles: ReadonlyMap<string, Lifecycle>;

  constructor(
    /** Dates, oldest first. */
    versions: readonly string[],
    /** The reference pages lie below it. */
    private readonly baseUrl: string,
    private readonly now: () => number,
    private readonly chainOf: typeof versionChain = versionChain,
  ) {
    this.lifecycles = new Map(
      versions.map((date, index) => [date, this.lifecycleOf(date, versions[index + 1])]),
    );
  }

  /** What the gateway has to change between the caller's version and the newest; null for most calls. */
  chain({ name, versionedAt }: PublicOperation, version: string): VersionChain | null {
    return versionedAt === 'service' ? null : this.chainOf(name, version);
  }

  /** The version that was asked for, else the key's pin, else the oldest that lives. */
  resolve(asked: string | undefined, pin: string): ServedVersion {
    const nowMs = this.now();
    const wanted = asked ?? (pin || this.supported(nowMs)[0] || '');
    const found = this.lifecycles.get(wanted);
    if (!found || nowMs < found.publishedUnixMs) throw this.unknown(wanted, nowMs);
    if (nowMs >= found.sunsetUnixMs) throw this.retired(found, nowMs);
    const isDeprecated = nowMs >= found.deprecatedUnixMs;
    return { date: found.date, headers: isDeprecated ? found.headersOnceDeprecated : found.headers };
  }

  private supported(nowMs: number): string[] {
    return [...this.lifecycles.values()]
      .filter(({ publishedUnixMs, sunsetUnixMs }) => publishedUnixMs <= nowMs && nowMs < sunsetUnixMs)
      .map(({ date }) => date);
  }

  private lifecycleOf(date: string, successor: string | undefined): Lifecycle {
    const headers = { [VERSION_HEADER]: date, vary: VARY };
    const publishedUnixMs = Date.parse(date);
    if (successor === undefined) {
      const never = { deprecatedUnixMs: Infinity, sunsetUnixMs: Infinity };
      return { date, headers, publishedUnixMs, ...never, headersOnceDeprecated: headers };
    }
    const deprecatedUnixMs = Date.parse(successor);
    const sunsetUnixMs = twelveMonthsAfter(deprecatedUnixMs);
    const notes = `${this.baseUrl}/docs/versions`;
    const links = [
      `<${notes}#${successor}>; rel="deprecation"; type="text/html"`,
      `<${notes}#sunset>; rel="sunset"; type="text/html"`,
      `<${this.baseUrl}/openapi.json?version=${successor}>; rel="successor-version"; type="application/json"`,
    ];
    const headersOnceDeprecated = {
      ...headers,
      deprecation: `@${deprecatedUnixMs / 1_000}`,
      sunset: new Date(sunsetUnixMs).toUTCString(),
      link: links.join(', '),
    };
    return { date, headers, publishedUnixMs, deprecatedUnixMs, sunsetUnixMs, headersOnceDeprecated };
  }

  private unknown(wanted: string, nowMs: number): ProblemError {
    const supported = this.supported(nowMs);
    const shown = /^[\d-]{1,10}$/.test(wanted) ? `"${wanted}"` : 'What X-Magistry-Version says';
    return new ProblemError(
      'unknown_api_version',
      `${shown} is no published version. Supported are ${supported.join(' and ')}.`,
      { extras: { supported }, headers: this.newestHeaders(supported) },
    );
  }

  private retired({ date, sunsetUnixMs }: Lifecycle, nowMs: number): ProblemError {
    const supported = this.supported(nowMs);
    const since = new Date(sunsetUnixMs).toISOString().slice(0, 10);
    const migration = `${this.baseUrl}/docs/versions`;
    return new ProblemError(
      'api_version_retired',
      `Version ${date} ended on ${since}. Supported are ${supported.join(' and ')}; see ${migration}.`,
      { extras: { supported, migration }, headers: this.newestHeaders(supported) },
    );
  }

  /** A refusal of the version itself is written in the newest. */
  private newestHeaders(supported: readonly string[]): Record<string, string> {
    return { [VERSION_HEADER]: supported.at(-1) ?? '', vary: VARY };
  }
}

function twelveMonthsAfter(unixMs: number): number {
  const date = new Date(unixMs);
  return date.setUTCFullYear(date.getUTCFullYear() + 1);
}
