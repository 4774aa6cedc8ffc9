-- One call's turn, decided in one step by the clock of Redis.
-- Returns microseconds to wait (0: go, it is counted), why (1 rate, 2 budget, 3 out of order), whether the
-- CRM's answer is worth telling (1: its last calls failed, or it refused our credential).
-- KEYS: hold of the kind, hold of the day, spent today, state, then (where the kind has a window)
--       the lane's queue and each window the lane counts in
-- ARGV: kind, queued (1: the place in the queue is taken already), patience,
--       metered (1: counts in the day), calls a day of our own cap (0: none), of which a wiped counter
--       takes as used what is gone of the day (1) or nothing (0), part of the CRM's own day in millionths,
--       how soon a used-up day is looked at again: at the earliest, at the latest, and by the calls
--       it has (a number to divide), failures that open the circuit, longest probe, how soon to ask again
--       while there is one, then spacing and tolerance of each key from the fifth on
local DAY = 86400000000
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local state = redis.call('HMGET', KEYS[4], 'since', 'used', 'limit', 'told_at', 'failures', 'open_until', 'refused',
  'probing')
local since = tonumber(state[1])
if not since then
  since = now
  redis.call('HSET', KEYS[4], 'since', string.format('%.0f', now))
end
local failures = tonumber(state[5] or 0)
local doubted = (failures > 0 or state[7]) and 1 or 0

local of_kind, of_day = redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2])
if of_day > 0 and of_day >= of_kind then return {of_day * 1000, 2, doubted} end
if of_kind > 0 then return {of_kind * 1000, 1, doubted} end

local open = failures >= tonumber(ARGV[11])
if open and now < tonumber(state[6] or 0) then
  local wait = state[6] - now
  if state[8] then wait = math.min(wait, tonumber(ARGV[13])) end
  return {wait, 3, doubted}
end

local day = math.floor(now / DAY)
local spent = redis.call('HMGET', KEYS[3], 'day', 'total')
if tonumber(spent[1] or -1) ~= day then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[3], 'day', string.format('%.0f', day))
  redis.call('EXPIRE', KEYS[3], 172800)
  spent[2] = false
end
local function again(calls)
  return math.min(tonumber(ARGV[9]), math.max(tonumber(ARGV[8]), math.floor(ARGV[10] / calls)))
end
local cap = tonumber(ARGV[5])
local gone = 0
if ARGV[6] == '1' and math.floor(since / DAY) == day then gone = math.floor(cap * (since % DAY) / DAY) end
if cap > 0 and tonumber(spent[2] or 0) + gone >= cap then
  return {math.min((day + 1) * DAY - now, again(cap)), 2, doubted}
end
local limit = tonumber(state[3] or 0)
local asks = false
if ARGV[4] == '1' and limit > 0 and tonumber(state[2]) >= math.floor(limit * ARGV[7] / 1000000) then
  local wait = state[4] + again(limit) - now
  if wait > 0 then return {wait, 2, doubted} end
  asks = true
end

local following = {}
local function wait_for(i, unknown)
  following[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or unknown), now) + ARGV[i * 2 + 4]
  return following[i] - ARGV[i * 2 + 5] - now
end
local function take(i)
  local ms = math.ceil((following[i] - now) / 1000) + 1000
  redis.call('SET', KEYS[i], string.format('%.0f', following[i]), 'PX', ms)
end

if #KEYS > 4 and ARGV[2] == '0' then
  local wait = wait_for(5, 0)
  if wait <= tonumber(ARGV[3]) then take(5) end
  if wait > 0 then return {math.ceil(wait), 1, doubted} end
end
local longest = 0
for i = 6, #KEYS do
  -- A window nobody remembers counts as used up to its burst.
  longest = math.max(longest, wait_for(i, since + ARGV[i * 2 + 5]))
end
if longest > 0 then return {math.ceil(longest), 1, doubted} end
for i = 6, #KEYS do take(i) end

if open then
  redis.call('HSET', KEYS[4], 'open_until', string.format('%.0f', now + ARGV[12]), 'probing', 1)
end
if asks then redis.call('HSET', KEYS[4], 'told_at', string.format('%.0f', now)) end
redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
if ARGV[4] == '1' then
  redis.call('HINCRBY', KEYS[3], 'total', 1)
  if limit > 0 then redis.call('HINCRBY', KEYS[4], 'used', 1) end
end
return {0, 0, doubted}
