/** What `lib/helpers/grants.js` is typed for: the grants of oidc-provider itself, which ours goes through. */
declare module 'oidc-provider/lib/actions/grants/refresh_token.js' {
  import type { Provider, TokenEndpointGrantContext } from 'oidc-provider';

  export function handler(
    provider: Provider,
    helpers: object,
    // biome-ignore lint/suspicious/noExplicitAny: a context's parameters are its grant's own
    context: TokenEndpointGrantContext<any>,
  ): Promise<void>;
}
