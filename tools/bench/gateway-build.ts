/** What the key check bench takes from the built gateway: the code that production runs. */
const dist = new URL('../../apps/gateway/dist/', import.meta.url);

async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, dist).href)) as Module;
}

export const { CredentialDirectory } = await built<
  typeof import('../../apps/gateway/src/identity/credential-directory.ts')
>('identity/credential-directory.js');
export const { presentedCredential } = await built<
  typeof import('../../apps/gateway/src/identity/presented-credential.ts')
>('identity/presented-credential.js');
