/**
 * Permissions to send, one sorted set an endpoint (`pace`): each taken slot with the instant at which it is free
 * again, on Redis's clock. A slot frees one window after its request is known to have arrived; until that is known
 * it is held, so that no stall between permission and arrival squeezes more into a second. `flight` holds what is
 * unanswered, with the instant at which a crashed worker's lease ends.
 *
 * A Redis that lost its memory (`epoch` is gone) grants nothing for one window: what was sent before is not known.
 */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: pace, flight, epoch. ARGV: slots wanted, slots a window, window, most in flight, hold, lease, settling, and
 * a prefix for members. Answers granted, and else milliseconds to wait.
 */
export const ACQUIRE = `${PRELUDE}
local wanted, slots, window, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local epoch = redis.call('GET', KEYS[3])
if not epoch then
  epoch = now
  redis.call('SET', KEYS[3], epoch)
end
local blind = epoch + ARGV[7] - now
if blind > 0 then return {0, blind} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local taken, flying = redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2])
local granted = math.min(wanted, slots - taken, most - flying)
if granted <= 0 then
  local first = redis.call('ZRANGE', taken >= slots and KEYS[1] or KEYS[2], 0, 0, 'WITHSCORES')
  return {0, first[2] and math.max(1, first[2] - now) or window}
end
local added, leased = {}, {}
for index = 1, granted do
  local member = ARGV[8] .. index
  added[#added + 1] = now + ARGV[5] + window
  added[#added + 1] = member
  leased[#leased + 1] = now + ARGV[6]
  leased[#leased + 1] = member
end
redis.call('ZADD', KEYS[1], unpack(added))
redis.call('ZADD', KEYS[2], unpack(leased))
redis.call('PEXPIRE', KEYS[1], ARGV[5] + window)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return {granted, 0}
`;

/**
 * KEYS: pace, flight. ARGV, three a slot: member, milliseconds until it is free (-1 leaves it, 0 gives it back), and
 * 1 if its request has ended.
 */
export const SETTLE = `${PRELUDE}
local last = 0
for index = 1, #ARGV, 3 do
  local free = tonumber(ARGV[index + 1])
  if free == 0 then
    redis.call('ZREM', KEYS[1], ARGV[index])
  elseif free > 0 then
    redis.call('ZADD', KEYS[1], now + free, ARGV[index])
    last = math.max(last, free)
  end
  if ARGV[index + 2] == '1' then redis.call('ZREM', KEYS[2], ARGV[index]) end
end
if last > 0 and redis.call('PTTL', KEYS[1]) < last then redis.call('PEXPIRE', KEYS[1], last) end
return 0
`;
