/** What the delivery bench takes from the built webhooks service: the code that production runs. */
const dist = new URL('../../apps/webhooks/dist/', import.meta.url);

async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, dist).href)) as Module;
}

export const { Sender } =
  await built<typeof import('../../apps/webhooks/src/sender/sender.ts')>('sender/sender.js');
export const { Database } =
  await built<typeof import('../../apps/webhooks/src/storage/database.ts')>('storage/database.js');
export const { renderBody } = await built<
  typeof import('../../apps/webhooks/src/domain/events/render-body.ts')
>('domain/events/render-body.js');
