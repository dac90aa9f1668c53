const PREFIX = '/api/v1';
/** Everything of seed 004 that its prefix stands before. */
const GROUPS = /^\/(agents|runs|github)(?=[/?]|$)/;

/** A URL below MAGSAG_API_PREFIX as its route knows it; undefined where that is the usual prefix. */
export function prefixed(prefix: string): ((url: string) => string) | undefined {
  if (prefix === PREFIX) return undefined;
  return (url) => {
    const rest = url.startsWith(prefix) ? url.slice(prefix.length) : '';
    return GROUPS.test(rest) ? `${PREFIX}${rest}` : url;
  };
}
