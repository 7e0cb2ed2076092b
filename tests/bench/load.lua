-- SPDX-License-Identifier: MIT
-- What wrk asks for, and what it says at the end: one line of JSON.
--
--     wrk ... -s load.lua URL -- MODE [N] [PAUSE-MS] [KEY]
--
--   plain    the URL, over and over
--   uniform  the links 1 to N, each as often as the others
--   zipf     the links 1 to N, the k-th 1/k times as often as the first
--   paced    the URL, after a pause that is PAUSE-MS in the mean and random as visitors are
--   create   a new link with every request, with the API key KEY
--
-- Codes are those of script/benchmarks/links.py.

local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

local function code(k)
    local left = (k * 387420489) % 68719476736
    local out = {}
    for i = 7, 1, -1 do
        local digit = left % 36
        out[i] = DIGITS:sub(digit + 1, digit + 1)
        left = (left - digit) / 36
    end
    return table.concat(out)
end

local function requests_of(n)
    local texts = {}
    for k = 1, n do
        texts[k] = wrk.format("GET", wrk.path .. code(k))
    end
    return texts
end

local function uniform(n)
    local texts = requests_of(n)
    request = function()
        return texts[math.random(n)]
    end
end

local function zipf(n)
    local texts, below, sum = requests_of(n), {}, 0
    for k = 1, n do
        sum = sum + 1 / k
        below[k] = sum
    end
    request = function()
        local wanted, low, high = math.random() * sum, 1, n
        while low < high do
            local middle = math.floor((low + high) / 2)
            if below[middle] < wanted then
                low = middle + 1
            else
                high = middle
            end
        end
        return texts[low]
    end
end

-- Exponential, to the next whole millisecond up or down at random, for wrk knows no finer pause.
local function paced(mean)
    delay = function()
        local pause = -mean * math.log(1 - math.random())
        return math.floor(pause + math.random())
    end
end

local function create(key)
    local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. key }
    local made, started = 0, os.time()
    request = function()
        made = made + 1
        local url = string.format("https://example.com/%010d%010d%060d", number, started, made)
        return wrk.format("POST", wrk.path, headers, '{"long_url": "' .. url .. '"}')
    end
end

function init(args)
    math.randomseed(os.time() * 64 + (number or 0))
    local mode, n = args[1], tonumber(args[2])
    if mode == "uniform" then
        uniform(n)
    elseif mode == "zipf" then
        zipf(n)
    elseif mode == "paced" then
        paced(tonumber(args[3]))
    elseif mode == "create" then
        create(args[4])
    end
end

function done(summary, latency)
    local slow = 0
    for i = 1, #latency do
        local us, count = latency(i)
        if us > 900000 then
            slow = slow + count
        end
    end
    local failed = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "max_us": %d,'
            .. ' "slow": %d, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        latency.max, slow, failed.status,
        failed.connect + failed.read + failed.write + failed.timeout))
end
