import { hash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { allows, mintApiKey } from '@magistry/access';
import { identity, type Operation, ResolveCredentialResponseSchema } from '@magistry/contracts';
import { Caller, connectNats, serve } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { type Bench, withInfrastructure } from './bench.ts';
import { CredentialDirectory, presentedCredential } from './gateway-build.ts';
import { type Contender, medianP99Ms, type Sample, takeTurns } from './rounds.ts';

const P99_MS_MAX = 1;
/** Within one look-up's five seconds, answers come from memory; between samples the key is looked up anew. */
const CHECKS_TOGETHER = 1_000;

/** P10: a warm API key, from the request's headers to its scopes, against a SHA-256 of the key. */
export const keyCheck: Bench = {
  id: 'P10',
  measure: (options) =>
    withInfrastructure({ ...options, services: false }, async ({ natsUrl }) => {
      const nats = await connectNats({ url: natsUrl, service: 'gateway' });
      const { credential } = mintApiKey('sk_live');
      const known = create(ResolveCredentialResponseSchema, { principalId: 'key:1', scopes: ['*'] });
      const target = { subject: identity.resolveCredential.name, queue: 'bench' };
      const operation: Operation = identity.resolveCredential;
      const identityDouble = serve(
        nats,
        { ...target, operation },
        async () => known,
        () => {},
      );
      try {
        const tokens = { issuer: 'https://magistry.test', audience: 'nobody' };
        const directory = new CredentialDirectory(new Caller(nats), createLogger('bench', 'fatal'), tokens);
        const headers = { authorization: `Bearer ${credential}` };
        const rawHeaders = Object.entries(headers).flat();
        const check = new InProcess('key check', async () => {
          const { principal } = await directory.identify(presentedCredential({ headers, rawHeaders }));
          return allows(principal.scopes, 'decisions:read');
        });
        const digest = new InProcess('SHA-256', async () => hash('sha256', credential, 'base64') !== '');
        const [ours, yardstick] = await takeTurns([check, digest] as const, options);
        const remark = `p99 of a check ${medianP99Ms(ours).toFixed(4)} ms, promised < ${P99_MS_MAX} ms`;
        return [{ id: 'P10', what: 'warm API key check, one at a time', ours, yardstick, remark }];
      } finally {
        await identityDouble.drain();
        await nats.drain();
      }
    }),
};

/** One check after the other, each timed, with a turn of the event loop now and then as in a server. */
class InProcess implements Contender {
  readonly name: string;
  private readonly work: () => Promise<boolean>;

  constructor(name: string, work: () => Promise<boolean>) {
    this.name = name;
    this.work = work;
  }

  async run(seconds: number): Promise<Sample> {
    const tookMs: number[] = [];
    let failed = 0;
    const startedAt = performance.now();
    while (performance.now() - startedAt < seconds * 1_000) {
      for (let count = 0; count < CHECKS_TOGETHER; count += 1) {
        const checkedAt = performance.now();
        if (!(await this.work())) failed += 1;
        tookMs.push(performance.now() - checkedAt);
      }
      await new Promise(setImmediate);
    }
    const elapsedMs = performance.now() - startedAt;
    const p99Ms = tookMs.sort((first, second) => first - second)[Math.floor(tookMs.length * 0.99)] ?? 0;
    const done = tookMs.length - failed;
    return { done, failed, p99Ms, perSecond: (done * 1_000) / elapsedMs };
  }
}
