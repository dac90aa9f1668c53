// The rule model of the built agents service in a process of its own, for both sides; prints where it is.
import { RuleModelServer } from './agents-build.ts';

const server = await RuleModelServer.start();
console.log(server.baseUrl);
