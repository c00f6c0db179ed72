import type { QueueKeys } from "../keys.js";
import { type FetchedEntry, readPackedEntries } from "./packed-entries.js";
import { queueArguments, queueKeys, queueText } from "./queue-script.js";
import { type Argument, type CommandChannel, defineScript, runScript } from "./script.js";
import { type ScriptProblem, toProblems } from "./script-problem.js";

/** Most due messages that one step moves to the work streams: about a millisecond of the server's time. */
const PROMOTE_LIMIT = 200;

/** Up to about so many bytes of bodies are packed: of larger ones the copies cost more than single strings do. */
const MAX_PACKED_BYTES = 32_768;

/** Where the entries of streams begin in the reply. */
const FIRST_STREAM = 3;

/**
 * One step of a consumer: settles, moves what is due to the work streams, and fetches. A settlement that cannot be
 * done, or a read that fails, holds up nothing else: it is reported in the reply.
 *
 * KEYS of a queue script; every used priority must be among the levels
 * ARGV 1 group, 2 levels, 3 consumer, 4 how many to fetch, 5 used priorities as the caller knows them,
 *      6 id of a wake marker to remove or empty, 7 number of groups of plain acks,
 *      for each group: priority, count, ids; then the other settlements: kind, priority, id, and by kind
 *        a (ack, by the owner alone)  -
 *        q (give back)                -
 *        r (retry)                    new priority, time due or empty, member, body
 *        d (bury)                     body, record
 * Returns {-1, used priorities} if the caller does not know them: then nothing was done. Else
 *      {ms until the next delayed message is due or -1, read error or empty, {index, error, ...} of settlements that
 *      did not take, then for each stream that was read, highest priority first: its entries as cmsgpack packs them, or
 *      {id, body, ...} where they are large, with an array of fields as body of an entry that has others than m}.
 *      An empty error of a settlement means that the delivery was not the caller's any more.
 */
const step = defineScript(`
${queueText}
used = redis.call('GET', KEYS[4]) or ''
if used ~= ARGV[5] then return {-1, used} end
local consumer = ARGV[3]

if ARGV[6] ~= '' then
  try('XACK', KEYS[5], group, ARGV[6])
  try('XDEL', KEYS[5], ARGV[6])
end

local problems = {}
local function problem(index, text)
  problems[#problems + 1] = index
  problems[#problems + 1] = text
end

local index, at = 0, 8
for _ = 1, tonumber(ARGV[7]) do
  local stream, count = streams[ARGV[at]], tonumber(ARGV[at + 1])
  local first, last = at + 2, at + 1 + count
  local failed
  local acked = redis.pcall('XACK', stream, group, unpack(ARGV, first, last))
  if acked == count then
    failed = try('XDEL', stream, unpack(ARGV, first, last))
  elseif type(acked) == 'table' then
    failed = acked.err
  else
    -- Some were not pending. An entry is deleted once, so whoever deletes it has settled it.
    for i = first, last do
      local removed = redis.pcall('XDEL', stream, ARGV[i])
      if removed == 0 then problem(index + i - first + 1, '') end
      if type(removed) == 'table' then problem(index + i - first + 1, removed.err) end
    end
  end
  if failed then
    for i = 1, count do problem(index + i, failed) end
  end
  index = index + count
  at = last + 1
end

local SIZE = {a = 3, q = 3, r = 7, d = 5}
while at <= #ARGV do
  local kind, stream, id = ARGV[at], streams[ARGV[at + 1]], ARGV[at + 2]
  local removed = false
  local function remove()
    if removed then return end
    local failed = try('XACK', stream, group, id) or try('XDEL', stream, id)
    removed = not failed
    return failed
  end
  local failed
  local pending = redis.pcall('XPENDING', stream, group, id, id, 1, consumer)
  if pending.err then
    failed = string.find(pending.err, 'NOGROUP', 1, true) and '' or pending.err
  elseif #pending == 0 then
    failed = ''
  elseif kind == 'q' then
    local entry = redis.pcall('XRANGE', stream, id, id)
    if entry.err then
      failed = entry.err
    elseif entry[1] then
      failed = put(remove, 'XADD', stream, '*', unpack(entry[1][2]))
    else
      failed = remove() or ''
    end
  elseif kind == 'r' then
    failed = store(remove, ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6])
  elseif kind == 'd' then
    failed = put(remove, 'XADD', KEYS[3], '*', 'm', ARGV[at + 3], 'e', ARGV[at + 4])
  end
  failed = failed or remove()
  index = index + 1
  if failed then problem(index, failed) end
  at = at + SIZE[kind]
end

-- Moves one due message to its work stream.
local function promote(member)
  local function remove() return try('ZREM', KEYS[1], member) or try('HDEL', KEYS[2], member) end
  local priority = string.match(member, '^(%d):') or '0'
  local failed = use(remove, priority)
  if failed then return failed end
  local body = redis.pcall('HGET', KEYS[2], member)
  if type(body) == 'table' then return body.err end
  if body then
    -- The caller did not know this priority; it will at its next step.
    if not streams[priority] then return end
    failed = put(remove, 'XADD', streams[priority], '*', 'm', body)
  end
  return failed or remove()
end

local waiting = -1
local due, readError = head()
if due and due <= now() then
  local members = redis.pcall('ZRANGE', KEYS[1], '-inf', string.format('%.0f', now()), 'BYSCORE', 'LIMIT', 0, ${PROMOTE_LIMIT})
  readError = members.err
  for i = 1, #members do readError = promote(members[i]) or readError end
  due = head()
end
if due then waiting = math.max(0, math.ceil(due - now())) end

local reply = {waiting, '', problems}
local left = tonumber(ARGV[4])
for i = 6, #KEYS do
  if left <= 0 then break end
  local read = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', left, 'STREAMS', KEYS[i], '>')
  local answer = ''
  if read and read.err then
    readError = read.err
  elseif read then
    local entries = read[1][2]
    left = left - #entries
    if #entries * #entries[1][2][2] <= ${MAX_PACKED_BYTES} then
      answer = cmsgpack.pack(entries)
    else
      answer = {}
      for j = 1, #entries do
        local fields = entries[j][2]
        if #fields == 2 and fields[1] == 'm' then fields = fields[2] end
        answer[2 * j - 1] = entries[j][1]
        answer[2 * j] = fields
      end
    end
  end
  reply[#reply + 1] = answer
end
reply[2] = readError or ''
return reply
`);

/** What a consumer asks of one step. */
export interface StepRequest {
  readonly keys: QueueKeys;
  readonly consumer: string;
  /** Most entries to fetch; 0 for none. */
  readonly fetch: number;
  /** Used priorities as the server last told. */
  readonly used: string;
  /** Digits of the priorities whose streams the step may touch, highest first, all used ones and 0 among them. */
  readonly levels: string;
  /** Id of a wake marker that this consumer took; empty for none. */
  readonly marker: string;
  /** Settlements as the script takes them, from ARGV 7 on. */
  readonly settlements: readonly Argument[];
}

/** How a step went. */
export type StepResult =
  | { readonly kind: "outdated"; readonly used: string }
  | {
      readonly kind: "done";
      /** Milliseconds until the next delayed message is due; -1 if there is none. */
      readonly nextDueMs: number;
      /** The server's text if something could not be read; empty otherwise. */
      readonly readError: string;
      readonly problems: readonly ScriptProblem[];
      readonly entries: readonly FetchedEntry[];
    };

/** Runs one step. */
export async function runStep(channel: CommandChannel, request: StepRequest): Promise<StepResult> {
  const { keys, levels, consumer, fetch, used, marker, settlements } = request;
  const args = [...queueArguments(levels), consumer, fetch, used, marker, ...settlements];
  // The script above is the only maker of this reply.
  const reply = (await runScript(channel, step, queueKeys(keys, levels), args)) as [
    number,
    Buffer,
    unknown,
    ...unknown[],
  ];
  if (reply.length === 2) return { kind: "outdated", used: reply[1].toString() };
  const result: StepResult = {
    kind: "done",
    nextDueMs: reply[0],
    readError: reply[1].toString(),
    problems: toProblems(reply[2]),
    entries: readEntries(reply, levels),
  };
  release(reply);
  return result;
}

/**
 * Empties a reply that was read. V8 makes the library's arrays in the old space when many of them lived for long, and
 * there they would keep every reply in memory, which is not small, until the next full collection.
 */
function release(reply: unknown[]): void {
  for (const part of reply) if (Array.isArray(part)) part.fill(undefined);
  reply.fill(undefined);
}

function readEntries(reply: readonly unknown[], levels: string): readonly FetchedEntry[] {
  const entries: FetchedEntry[] = [];
  for (let level = 0; level + FIRST_STREAM < reply.length; level++) {
    const answer = reply[level + FIRST_STREAM] as Buffer | readonly unknown[];
    const priority = Number(levels[level]);
    if (!Buffer.isBuffer(answer)) readSingleEntries(answer, priority, entries);
    else if (answer.length > 0) readPackedEntries(answer, priority, entries);
  }
  return entries;
}

function readSingleEntries(answer: readonly unknown[], priority: number, entries: FetchedEntry[]): void {
  for (let at = 0; at < answer.length; at += 2) {
    const id = (answer[at] as Buffer).toString("latin1");
    entries.push({ priority, id, content: answer[at + 1] as FetchedEntry["content"] });
  }
}
