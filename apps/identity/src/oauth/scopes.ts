import { PLATFORM_SCOPES } from '@magistry/contracts';

/** OpenID Connect's own, which open no operation. */
export const OPENID_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/** What an application may ask for. */
export const OAUTH_SCOPES: readonly string[] = [...OPENID_SCOPES, ...PLATFORM_SCOPES];
