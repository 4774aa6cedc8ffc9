-- One call's turn, decided in one step by the clock of Redis.  Returns microseconds to wait; 0: go, it is counted.
-- KEYS: hold of the kind, hold of the day, spent today, then (where the kind has a window)
--       the lane's queue and each window the lane counts in
-- ARGV: kind, queued (1: the place in the queue is taken already), patience, calls a day (0: no limit),
--       longest wait for a new day, then spacing and tolerance of each key from the fourth on
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]

local held = math.max(redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2]))
if held > 0 then return held * 1000 end

local day = math.floor(now / 86400000000)
local spent = redis.call('HMGET', KEYS[3], 'day', 'total')
if tonumber(spent[1] or -1) ~= day then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[3], 'day', string.format('%.0f', day))
  redis.call('EXPIRE', KEYS[3], 172800)
  spent[2] = false
end
local daily = tonumber(ARGV[4])
if daily > 0 and tonumber(spent[2] or 0) >= daily then
  return math.min((day + 1) * 86400000000 - now, tonumber(ARGV[5]))
end

local following = {}
local function wait_for(i)
  local tat = math.max(tonumber(redis.call('GET', KEYS[i]) or 0), now)
  following[i] = tat + ARGV[i * 2 - 2]
  return following[i] - ARGV[i * 2 - 1] - now
end
local function take(i)
  local ms = math.ceil((following[i] - now) / 1000) + 1000
  redis.call('SET', KEYS[i], string.format('%.0f', following[i]), 'PX', ms)
end

if #KEYS > 3 and ARGV[2] == '0' then
  local wait = wait_for(4)
  if wait <= tonumber(ARGV[3]) then take(4) end
  if wait > 0 then return math.ceil(wait) end
end
local longest = 0
for i = 5, #KEYS do longest = math.max(longest, wait_for(i)) end
if longest > 0 then return math.ceil(longest) end
for i = 5, #KEYS do take(i) end
redis.call('HINCRBY', KEYS[3], 'total', 1)
redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
return 0
