import { getReadiness } from '@magistry/contracts';
import { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { connectTestNats, startService } from './index.js';

class Nothing {}

/** A service that answers whether it is ready, and nothing else. */
export function startBareService(name: string) {
  return startService(name, () => ({ module: Nothing }));
}

/** Whether any process answers in the name of the service. */
export async function isAnswered(name: string): Promise<boolean> {
  const nats = await connectTestNats('gateway');
  const asked = new Caller(nats).call(getReadiness(name), {}, systemContext('test', { deadlineMs: 1_000 }));
  return asked.then(
    () => true,
    () => false,
  );
}
