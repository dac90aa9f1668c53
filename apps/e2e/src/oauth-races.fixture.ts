import { createHash, randomBytes } from 'node:crypto';
import { identity } from '@magistry/contracts';
import { Caller, connectNats } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { type Application, Applications, REDIRECT_URI } from './applications.fixture.js';
import { eventually } from './eventually.fixture.js';
import type { Person } from './person.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import type { RunningSystem } from './system.fixture.js';

const AT_ONCE = 50;
const JOINED_MS_MAX = 10_000;
/** One rotation and its answer three times again (design: gateway.md section 8, rule 6). */
const SAME_SUCCESSORS_MAX = 4;

interface Redeemed {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  readonly json: any;
}

/** Many redemptions of one code or refresh token at once, over two processes of identity. */
export class OAuthRaces {
  private constructor(
    private readonly system: RunningSystem,
    private readonly applications: Applications,
    private readonly application: Application,
    private readonly person: Person,
    private readonly second: ServiceProcess,
  ) {}

  static async open(system: RunningSystem): Promise<OAuthRaces> {
    const applications = await Applications.open(system);
    const [application, person] = [await applications.register(true), await applications.person()];
    const second = await ServiceProcess.start(system, 'identity');
    await untilTwoAnswer(system);
    return new OAuthRaces(system, applications, application, person, second);
  }

  async close(): Promise<void> {
    await this.second.stop();
    await this.applications.close();
  }

  /** A family, from its consent on. */
  async tokens(): Promise<{ access_token: string; refresh_token: string }> {
    const { json } = await this.redeem(await this.code({ prompt: 'consent' }));
    return json;
  }

  /** Exactly one redemption of a code succeeds, and every other one is `invalid_grant`. */
  async raceForCode(): Promise<void> {
    const form = await this.code({});
    const answers = await this.atOnce(form);
    const won = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ json }) => json.error === 'invalid_grant');
    if (won.length !== 1 || refused.length !== AT_ONCE - 1) throw unexpected('code', answers);
  }

  /** One successor, told to those who came in time; the family lives on with it. Answers that successor. */
  async raceForRefresh(token: string): Promise<string> {
    const answers = await this.atOnce({ grant_type: 'refresh_token', refresh_token: token });
    const won = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ json }) => json.error === 'invalid_grant');
    const successors = new Set(won.map(({ json }) => `${json.access_token} ${json.refresh_token}`));
    const isOne = successors.size === 1 && won.length <= SAME_SUCCESSORS_MAX;
    if (!isOne || won.length + refused.length !== AT_ONCE) throw unexpected('refresh token', answers);
    return won[0]?.json.refresh_token;
  }

  refresh(token: string): Promise<Redeemed> {
    return this.redeem({ grant_type: 'refresh_token', refresh_token: token });
  }

  private atOnce(form: Record<string, string>): Promise<Redeemed[]> {
    return Promise.all(Array.from({ length: AT_ONCE }, () => this.redeem(form)));
  }

  private async code(extra: Record<string, string>): Promise<Record<string, string>> {
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL('/oauth/authorize', this.system.gatewayUrl);
    url.search = new URLSearchParams({
      ...{ client_id: this.application.clientId, redirect_uri: REDIRECT_URI, response_type: 'code' },
      scope: 'offline_access killswitch:read',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...extra,
    }).toString();
    const back = await this.person.follow(url.href);
    const code = back.searchParams.get('code');
    if (code === null) throw new Error(`no code came back: ${back}`);
    const rest = { redirect_uri: REDIRECT_URI, code_verifier: verifier };
    return { grant_type: 'authorization_code', code, ...rest };
  }

  private async redeem(form: Record<string, string>): Promise<Redeemed> {
    const body = new URLSearchParams({ client_id: this.application.clientId, ...form });
    const answer = await fetch(`${this.system.gatewayUrl}/oauth/token`, { method: 'POST', body });
    return { status: answer.status, json: await answer.json() };
  }
}

/** Requests are spread over both once both are asked where they are. */
async function untilTwoAnswer({ natsUrl }: RunningSystem): Promise<void> {
  const nats = await connectNats({ url: natsUrl, service: 'operator' });
  const caller = new Caller(nats);
  const seen = new Set<string>();
  await eventually(JOINED_MS_MAX, async () => {
    const context = systemContext('journey', { deadlineMs: 1_000 });
    seen.add((await caller.call(identity.getHttpAddress, {}, context)).url);
    if (seen.size < 2) throw new Error('one process of identity answers alone');
  });
  await nats.drain();
}

function unexpected(what: string, answers: readonly Redeemed[]): Error {
  const counted = new Map<string, number>();
  for (const { status, json } of answers) {
    const name = `${status} ${json.error ?? ''}`;
    counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  return new Error(`${AT_ONCE} redemptions of one ${what}: ${JSON.stringify([...counted])}`);
}
