/** Published API versions, oldest first. A key without a pin gets the first until its sunset. */
export const API_VERSIONS = ['2026-05-01'] as const;

export const CURRENT_API_VERSION = API_VERSIONS[0];
