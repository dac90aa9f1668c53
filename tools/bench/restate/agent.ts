// node agent.ts SDK MODEL-URL PORT: the agent behind Restate. Each of its steps is one `run` of its context.
import { pathToFileURL } from 'node:url';
import { runSteps, stepsModel } from '../agent-steps.ts';

/** What of Restate's SDK is used here; it is no dependency of this repository, and so has no types in it. */
interface Context {
  run<Result>(name: string, step: () => Promise<Result>): Promise<Result>;
}
interface Sdk {
  service(definition: object): object;
  serve(options: { services: object[]; port: number }): Promise<number>;
}

const [sdk = '', modelUrl = '', port = ''] = process.argv.slice(2);
const restate = (await import(pathToFileURL(sdk).href)) as Sdk;
const model = stepsModel(modelUrl);

const advisor = restate.service({
  name: 'advisor',
  handlers: {
    run: async (context: Context, { payload }: { payload: Record<string, unknown> }) => ({
      output: await runSteps(model, payload, (name, step) => context.run(name, step)),
    }),
  },
});
await restate.serve({ services: [advisor], port: Number(port) });
console.log('ready');
