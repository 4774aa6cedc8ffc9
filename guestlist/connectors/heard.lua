-- What an answer, or the lack of one, says of a CRM: its own count of the day, in or out of order, a hold.
-- KEYS: state, the hold
-- ARGV: calls used (-1: not told), calls a day, slack, outcome (2 in order and let us in, 1 in order, 0 failed,
--       -1 neither, -2 refused our credential),
--       failures that open the circuit, first and longest wait, shortest wait, jitter (0 to 1), hold in ms (0: none)
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local told = tonumber(ARGV[1])
if told >= 0 then
  local counted = tonumber(redis.call('HGET', KEYS[1], 'used') or told)
  local used = math.max(told, math.min(counted, told + ARGV[3]))
  redis.call('HSET', KEYS[1], 'used', string.format('%.0f', used), 'limit', ARGV[2],
    'told_at', string.format('%.0f', now))
end
if ARGV[4] == '2' then redis.call('HDEL', KEYS[1], 'refused') end
if ARGV[4] == '-2' then redis.call('HSET', KEYS[1], 'refused', 1) end
if ARGV[4] == '1' or ARGV[4] == '2' then
  redis.call('HDEL', KEYS[1], 'failures', 'open_until', 'probing')
elseif ARGV[4] == '0' then
  local state = redis.call('HMGET', KEYS[1], 'failures', 'open_until', 'probing')
  local most = tonumber(ARGV[5])
  -- Calls that were under way when the circuit opened say nothing new.
  if not (tonumber(state[1] or 0) >= most and now < tonumber(state[2] or 0) and not state[3]) then
    local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
    if failures >= most then
      local longest = math.min(ARGV[7], ARGV[6] * 2 ^ math.min(failures - most, 32))
      local wait = math.max(ARGV[8], ARGV[9] * longest)
      redis.call('HSET', KEYS[1], 'open_until', string.format('%.0f', now + wait))
      redis.call('HDEL', KEYS[1], 'probing')
    end
  end
end
local hold = tonumber(ARGV[10])
if hold > 0 and redis.call('PTTL', KEYS[2]) < hold then redis.call('SET', KEYS[2], '1', 'PX', hold) end
return 0
