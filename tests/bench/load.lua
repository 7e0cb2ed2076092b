-- SPDX-License-Identifier: MIT
-- What wrk asks for, and what it says at the end: one line of JSON.
--
--     wrk ... -s load.lua URL -- MODE [ARGUMENT...]
--
--   plain         the URL, over and over
--   uniform N     the links 1 to N, each as often as the others
--   walk K N      the links after the K-th, one after the other, and on from 1 after N
--   zipf N        the links 1 to N, the k-th 1/k times as often as the first
--   paced MS      the URL, after a pause that is MS in the mean and random as visitors are
--   create KEY    a new link with every request, with that API key
--
-- Codes are those of script/benchmarks/links.py.

-- wrk runs two threads, or one.
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

local function request_of(k)
    return wrk.format("GET", wrk.path .. code(k))
end

local function uniform(n)
    request = function()
        return request_of(math.random(n))
    end
end

local function walk(k, n)
    k = k + number - 2
    request = function()
        k = k + 2
        return request_of((k - 1) % n + 1)
    end
end

-- By inversion of the harmonic numbers: from a table, and where they grow smoothly by
-- H(k) = ln(k + 1/2) + 0.5772... (Euler), which is right to a millionth there. Whatever takes long here
-- spoils the measuring: wrk's first thread sends while the second still prepares.
local EULER, TABLE = 0.5772156649015329, 1000

local function zipf(n)
    local below, sum = {}, 0
    for k = 1, math.min(n, TABLE) do
        sum = sum + 1 / k
        below[k] = sum
    end
    local most = n > TABLE and math.log(n + 0.5) + EULER or sum
    request = function()
        local wanted, low, high = math.random() * most, 1, #below
        if wanted > sum then
            return request_of(math.min(n, math.ceil(math.exp(wanted - EULER) - 0.5)))
        end
        while low < high do
            local middle = math.floor((low + high) / 2)
            if below[middle] < wanted then
                low = middle + 1
            else
                high = middle
            end
        end
        return request_of(low)
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
    local mode, first, second = args[1], tonumber(args[2]), tonumber(args[3])
    if mode == "uniform" then
        uniform(first)
    elseif mode == "walk" then
        walk(first, second)
    elseif mode == "zipf" then
        zipf(first)
    elseif mode == "paced" then
        paced(first)
    elseif mode == "create" then
        create(args[2])
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
