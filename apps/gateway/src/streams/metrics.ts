import { gauge } from '@magistry/telemetry';

export const logFollowers = gauge({
  name: 'magistry_gateway_log_followers',
  help: 'Clients that follow an event log as server-sent events at this gateway.',
});

export const logsFollowed = gauge({
  name: 'magistry_gateway_followed_logs',
  help: 'Event logs that somebody follows at this gateway: what they have new is held once for all followers.',
});

export const framesHeld = gauge({
  name: 'magistry_gateway_log_frames_bytes',
  help: 'Newest events of followed logs that are held for followers; 32 MiB at most.',
});
