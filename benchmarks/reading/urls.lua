-- Asks the addresses of a file in turn, and says in one line what came of it.
-- A line of the file is an address and, after a tab, the ETag to ask with, if any.

local asked, last = {}, 0

function init(arguments)
   for line in io.lines(arguments[1]) do
      local address, etag = line:match("^(%S+)\t?(.*)$")
      local headers = nil
      if etag ~= "" then headers = { ["If-None-Match"] = etag } end
      asked[#asked + 1] = wrk.format("GET", address, headers)
   end
end

function request()
   last = last % #asked + 1
   return asked[last]
end

function done(summary, latency, _)
   local errors = summary.errors
   local broken = errors.connect + errors.read + errors.write
   io.write(string.format(
      "measured requests=%d microseconds=%d bytes=%d p50=%d p99=%d refused=%d broken=%d late=%d\n",
      summary.requests, summary.duration, summary.bytes, latency:percentile(50),
      latency:percentile(99), errors.status, broken, errors.timeout))
end
