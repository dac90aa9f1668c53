import { PLATFORM_SCOPES } from '@magistry/contracts';

export const platformScopes: ReadonlySet<string> = new Set(PLATFORM_SCOPES);
