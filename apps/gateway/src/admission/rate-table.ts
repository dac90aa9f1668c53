import type { PublicOperation, Route } from '@magistry/contracts';

/** One row of the table in api.md section 5: refilled at the sustained rate, emptied at most to nothing. */
export interface RateRule {
  /** Whose calls it counts together: part of the bucket's name. */
  readonly bucket: BucketName;
  readonly perMinute: number;
  /** Requests that a full bucket lets through at once. */
  readonly capacity: number;
  /** Microseconds until one more request is let through: whole, so that every side reckons alike. */
  readonly intervalUs: number;
  /** The RateLimit-Policy field, the same for every request under this rule. */
  readonly policyField: string;
  /** What a refusal says, where it has words of its own. */
  readonly refusal?: string;
}

export type BucketName =
  | 'v1-read'
  | 'v1-write'
  | 'v1-killswitch'
  | 'api'
  | 'runs'
  | 'github'
  | 'unauthenticated';

/** The buckets of the table; the others are an operator's figure, or of calls that nobody was identified for. */
type TableBucket = Exclude<BucketName, 'runs' | 'github' | 'unauthenticated'>;

/** The rule of a route, by who calls it. The same object for the same limits. */
export type RouteRule = (credential: RatedCredential) => RateRule;

/** What a rule may depend on besides its route. */
export interface RatedCredential {
  /** Tier of the key, else of its workspace; counts on `/api/v1` alone. */
  readonly tier: string;
  /** An operator's override for this key; 0 for none. */
  readonly limitPerMinute: number;
}

const MINUTE_US = 60_000_000;
const BURST_WINDOW_SECONDS = 10;
/** Overrides are set by operators, and few. */
const KEPT_OVERRIDES_MAX = 10_000;

function rule(bucket: BucketName, perMinute: number, capacity: number): RateRule {
  const intervalUs = Math.max(1, Math.ceil(MINUTE_US / perMinute));
  const burst = capacity + Math.floor((perMinute * BURST_WINDOW_SECONDS) / 60);
  const policyField = `"sustained";q=${perMinute};w=60, "burst";q=${burst};w=${BURST_WINDOW_SECONDS}`;
  return { bucket, perMinute, capacity, intervalUs, policyField };
}

/** `burst` requests in no 10 seconds are passed: the bucket holds what does not refill in them. */
function burstRule(bucket: BucketName, perMinute: number, burst: number): RateRule {
  return rule(bucket, perMinute, burst - (perMinute * BURST_WINDOW_SECONDS) / 60);
}

function tierRule(perMinute: number, allowancePercent: number): RateRule {
  return rule('api', perMinute, (perMinute * (100 + allowancePercent)) / 100);
}

const FREE = tierRule(60, 0);
const AGENCY = tierRule(20_000, 50);

const TIERS = new Map<string, RateRule>([
  ['free', FREE],
  ['starter', tierRule(1_000, 20)],
  ['pro', tierRule(5_000, 30)],
  ['agency', AGENCY],
  ['business', AGENCY],
  ['enterprise', tierRule(100_000, 100)],
]);

const ROUTES = {
  'v1-read': burstRule('v1-read', 600, 1_000),
  'v1-write': burstRule('v1-write', 60, 120),
  // A bucket of its own: a busy credential can always stop the house.
  'v1-killswitch': burstRule('v1-killswitch', 60, 120),
} as const;

/** Of a route, once at start. With `runsPerSecond`, that is everybody's limit on the routes of seed 004. */
export function routeRule(
  { path, style }: Pick<Route, 'path' | 'style'>,
  rateClass: PublicOperation['rateClass'],
  runsPerSecond?: number,
): RouteRule {
  if (style === 'runs' && runsPerSecond !== undefined) {
    const limited = deploymentRule('runs', runsPerSecond);
    return () => limited;
  }
  const bucket = bucketOf(path, rateClass);
  return (credential) => ruleFor(bucket, credential);
}

/** MAGSAG_RATE_LIMIT_QPS (seed 004, Rate Limiting), whose refusal has the seed's words. */
export function deploymentRule(bucket: 'runs' | 'github', perSecond: number): RateRule {
  const refusal = `Rate limit exceeded. Maximum ${perSecond} requests per second.`;
  return { ...rule(bucket, perSecond * 60, perSecond), refusal };
}

export function bucketOf(path: string, rateClass: PublicOperation['rateClass']): TableBucket {
  if (path.startsWith('/api/v1/')) return 'api';
  return `v1-${rateClass}`;
}

const overridden = new Map<RateRule, Map<number, RateRule>>();

/** The rule for a credential on a route. The same object for the same limits. */
export function ruleFor(bucket: TableBucket, credential: RatedCredential): RateRule {
  const usual = bucket === 'api' ? (TIERS.get(credential.tier) ?? FREE) : ROUTES[bucket];
  return credential.limitPerMinute === 0 ? usual : override(usual, credential.limitPerMinute);
}

/** Calls without valid credentials, by address. */
export function unauthenticatedRule(perMinute: number): RateRule {
  return rule('unauthenticated', perMinute, perMinute);
}

const GITHUB = rule('github', 6_000, 6_000);

/**
 * Deliveries of GitHub's webhook, by address: as many as a busy organisation has, and no stranger's flood, unless the
 * deployment says how many. A bucket of its own: what it refuses is lost, for GitHub does not deliver again by itself.
 */
export function githubRule(runsPerSecond: number | undefined): RateRule {
  return runsPerSecond === undefined ? GITHUB : deploymentRule('github', runsPerSecond);
}

/** Another sustained rate with a burst in the same proportion. */
function override(usual: RateRule, perMinute: number): RateRule {
  const known = overridden.get(usual) ?? new Map<number, RateRule>();
  overridden.set(usual, known);
  const found = known.get(perMinute);
  if (found) return found;
  const capacity = Math.max(1, Math.round((perMinute * usual.capacity) / usual.perMinute));
  const made = rule(usual.bucket, perMinute, capacity);
  if (known.size >= KEPT_OVERRIDES_MAX) known.clear();
  known.set(perMinute, made);
  return made;
}
