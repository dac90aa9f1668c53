/** What seed 003 prints where the value itself depends on the moment. */
export const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
export const KEY = expect.stringMatching(/^sk_live_[0-9a-z]{12}_[0-9a-f]{48}_[0-9a-f]{8}$/);
export const ID = expect.any(Number);
