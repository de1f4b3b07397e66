"""What Redis itself does about the limits of a connection, in one step each, by its own clock.

It keeps the same buckets as core's gate of one process does (jackfield._http.pace): turns that come back one after the
other, kept as the moment when all would be there again. ``set`` is ours, ``told`` the service's, ``brake`` found after
refusals. KEYS are the hash of the buckets, and the sorted set of those who are under way by the end of their lease.
"""

_READ = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local function get(name) return tonumber(redis.call('HGET', KEYS[1], name) or '') or 0 end
local function put(name, value) redis.call('HSET', KEYS[1], name, string.format('%.6f', value)) end
local function say(value) return string.format('%.6f', value) end
local function keep() redis.call('EXPIRE', KEYS[1], 3600) end
"""

TAKE = (
    _READ
    + """
local every, most, heed = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local left, token, lease, round = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7]
if round ~= '' then
  if tonumber(round) == get('round') then return {'go', '0', '', round, say(now)} end
  if every > 0 then put('set', get('set') - every) end
  if get('told_size') > 0 then put('told', get('told') - get('told_every')) end
end
if most > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if not redis.call('ZSCORE', KEYS[2], token) and redis.call('ZCARD', KEYS[2]) >= most then
    return {'room', '0', 'max_in_flight', '0', say(now)}
  end
end
local due, reason, new = now, '', {}
local function take(name, interval, size, why)
  local full = math.max(get(name), now) + interval
  new[name] = full
  local moment = math.max(now, full - size * interval)
  if moment > due then due, reason = moment, why end
end
if every > 0 then take('set', every, 1, 'max_requests_per_s') end
if heed then
  local brake = get('brake_every')
  if brake > 0 and now - get('brake_changed') >= 10 then
    if now - get('brake_set') >= 300 then brake = 0 else brake = brake / 1.05 end
    put('brake_every', brake); put('brake_changed', now)
  end
  if get('told_size') > 0 then take('told', get('told_every'), get('told_size'), 'service') end
  if brake > 0 then take('brake', brake, 1, 'service') end
  if get('held') > due then due, reason = get('held'), 'service' end
end
if due - now > left then return {'late', say(due - now), reason, '0', say(now)} end
for name, full in pairs(new) do put(name, full) end
if most > 0 then
  redis.call('ZADD', KEYS[2], now + lease, token)
  redis.call('EXPIRE', KEYS[2], 3600)
end
if heed then
  local began = get('second')
  if now - began >= 1 then
    put('in_last', now - began < 2 and get('in_second') or 0); put('second', now); put('in_second', 0)
  end
  put('in_second', get('in_second') + 1)
end
keep()
return {due > now and 'wait' or 'go', say(due - now), reason, say(get('round')), say(now)}
"""
)
"""Takes a turn, and a place among those under way; or says why there is none."""

RENEW = """
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'XX', tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1]), ARGV[2])
"""
"""Moves the end of a lease, as long as it has not come; KEYS has the sorted set alone."""

LEAVE = (
    _READ
    + """
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[2] ~= '' then
  local every = tonumber(ARGV[3])
  if every > 0 then put('set', get('set') - every) end
  if get('told_size') > 0 then put('told', get('told') - get('told_every')) end
  if get('brake_every') > 0 and tonumber(ARGV[2]) == get('round') then
    put('brake', get('brake') - get('brake_every'))
  end
end
"""
)
"""Leaves the place; with a round, a turn that was taken in it and not used is given back, too."""

REFUSED = (
    _READ
    + """
local wait, left_at = tonumber(ARGV[1]), tonumber(ARGV[2])
local brake = get('brake_every')
if brake == 0 then
  brake = 1 / math.max(get('in_second') - 1, get('in_last'), 1)
  put('brake_set', now); put('brake_changed', now)
elseif left_at > get('brake_set') then
  brake = brake / 0.8
  put('brake_set', now); put('brake_changed', now)
end
put('brake_every', brake)
if wait == 0 then wait = math.min(brake, 0.35) end
put('brake', now + wait)
put('round', get('round') + 1)
keep()
"""
)
"""Slows everybody down after a refusal, and voids the turns of those who wait."""

ANSWERED = (
    _READ
    + """
local limit, every, reset, hold = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if limit > 0 then
  put('told_every', every); put('told_size', math.max(limit, 1)); put('told', math.max(get('told'), now + reset))
end
if hold > 0 then put('held', math.max(get('held'), now + hold)) end
keep()
"""
)
"""Takes over what the service says of its limits."""
