import { identity } from '@magistry/contracts';
import { Caller, connectNats } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Stack } from '../../infra/local/stack.ts';

/** Above what a bench can send. */
const LIMIT_PER_MINUTE = 20_000_000;

/** A key of the demo workspace whose limits are reckoned, and never reached. */
export async function openBenchKey(stack: Stack): Promise<string> {
  const nats = await connectNats({ url: stack.natsUrl, service: 'operator' });
  try {
    const workspaceId = demoWorkspace(stack).id;
    const wish = { workspaceId, name: 'bench', scopes: ['*'], limitPerMinute: LIMIT_PER_MINUTE };
    const context = systemContext('bench', { deadlineMs: 10_000 });
    return (await new Caller(nats).call(identity.createApiKey, wish, context)).key;
  } finally {
    await nats.drain();
  }
}

export function demoWorkspace({ credentials }: Stack): { id: number; slug: string } {
  return credentials['workspace'] as { id: number; slug: string };
}
