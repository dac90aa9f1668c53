import { runUnderNode24 } from '../../infra/local/bootstrap.mjs';

await runUnderNode24('../../tools/run-tests/run.ts');
