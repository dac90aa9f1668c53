// All keys of a call share the hash tag {principal} or {address}, so that a cluster keeps them on one node.
// Times are whole microseconds of Redis's clock; Lua's doubles hold them exactly, its number format does not.

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function whole(number) return string.format('%.0f', number) end
`;

/**
 * Limits and claims of requests that arrived together, all by one credential and under one rule.
 * KEYS: bucket, holders of the concurrency limit, then a claim for each request that has a key.
 * ARGV: interval, capacity, requests, gateway, requests it has in flight, how many all gateways may have,
 * lease of a gateway's word; then a request each: fingerprint ('' without a key), owner, lease of its claim, and
 * at the end how long a claim is kept, in milliseconds.
 * Answers: requests within the rate, requests within concurrency, debt, now, then an outcome for each claim.
 */
export const ADMIT = `${CLOCK}
local interval, capacity, units = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local gateway, own, most, lease = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local debt = 0
local full, former = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
if full then
  debt = math.max(full - now, 0)
  if tonumber(former) ~= interval then debt = math.ceil(debt * interval / former) end
  debt = math.min(debt, capacity * interval)
end
local left = math.floor((capacity * interval - debt) / interval)

local held = own
local words = redis.call('HGETALL', KEYS[2])
for at = 1, #words, 2 do
  local count, told = string.match(words[at + 1], '^(%d+) (%d+)$')
  if told + lease < now then redis.call('HDEL', KEYS[2], words[at])
  elseif words[at] ~= gateway then held = held + count end
end
local free = math.max(most - held, 0)
local admitted = math.min(units, left, free)

if admitted > 0 then
  debt = debt + admitted * interval
  redis.call('SET', KEYS[1], whole(now + debt) .. ' ' .. ARGV[1], 'PX', whole(math.ceil(debt / 1000)))
end
redis.call('HSET', KEYS[2], gateway, whole(own + admitted) .. ' ' .. whole(now))
redis.call('PEXPIRE', KEYS[2], whole(math.ceil(lease / 1000)))

local answer = { math.min(units, left), math.min(units, free), debt, now }
local kept = ARGV[#ARGV]

local function claim(key, fingerprint, owner, deadline)
  local first = redis.call('HMGET', key, 'fingerprint', 'state', 'deadline', 'answer', 'owner')
  if first[1] and first[1] ~= fingerprint then return { 'mismatch', first[1] } end
  if first[2] == 'completed' then return { 'completed', first[4] } end
  if first[2] == 'running' and tonumber(first[3]) > now then return { 'running', first[5] } end
  redis.call('HSET', key, 'fingerprint', fingerprint, 'state', 'running', 'owner', owner,
    'deadline', whole(deadline))
  redis.call('PEXPIRE', key, kept)
  return { 'claimed' }
end

local key, at = 3, 8
for unit = 1, units do
  if ARGV[at] ~= '' then
    if unit <= admitted then
      answer[#answer + 1] = claim(KEYS[key], ARGV[at], ARGV[at + 1], now + tonumber(ARGV[at + 2]))
    else
      answer[#answer + 1] = { 'refused' }
    end
    key = key + 1
  end
  at = at + 3
end
return answer
`;

/**
 * Ends a claim, but only for its owner: somebody may have taken it over since.
 * KEYS: claim. ARGV: owner, 'completed', 'unknown' or 'free', the sealed answer, milliseconds that it is kept.
 */
export const SETTLE = `
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
if ARGV[2] == 'free' then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'answer', ARGV[3])
return redis.call('PEXPIRE', KEYS[1], ARGV[4])
`;

/** KEYS: holders of the concurrency limit. ARGV: gateway, requests it has in flight, lease of its word. */
export const TELL_IN_FLIGHT = `${CLOCK}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. whole(now))
redis.call('PEXPIRE', KEYS[1], whole(math.ceil(ARGV[3] / 1000)))
return 1
`;

/** KEYS: what must come once. ARGV: milliseconds that it is remembered. Answers 1 the first time, else 0. */
export const SEE_ONCE = `
return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) and 1 or 0
`;

/** KEYS: live gateways. ARGV: gateway, microseconds for which one counts. Answers 1 where it is one of them, else 0. */
export const HEAR_OF_GATEWAY = `${CLOCK}
local heard = redis.call('ZSCORE', KEYS[1], ARGV[1])
return heard and heard + ARGV[2] > now and 1 or 0
`;

/** KEYS: live gateways. ARGV: gateway, microseconds for which a gateway counts. Answers how many there are. */
export const JOIN_GATEWAYS = `${CLOCK}
redis.call('ZADD', KEYS[1], whole(now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], whole(math.ceil(ARGV[2] / 1000)))
return redis.call('ZCARD', KEYS[1])
`;
