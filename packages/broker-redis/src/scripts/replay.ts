import type { QueueKeys } from "../keys.js";
import type { ScriptMessage } from "./publish.js";
import { ALL_LEVELS, queueArguments, queueKeys, queueText } from "./queue-script.js";
import { type Argument, type CommandChannel, defineScript, runScript } from "./script.js";
import { type ScriptProblem, toProblems } from "./script-problem.js";

/**
 * Replaces dead letters by messages, each only if the letter is still there: of two callers, one succeeds.
 *
 * KEYS of a queue script with all levels
 * ARGV 1 group, 2 levels, then for each letter: its id, priority of the message, time due or empty, member, body
 * Returns {index, error, ...} of letters that were not replayed; an empty error means that the letter was gone
 */
const replay = defineScript(`
${queueText}
local earliest = head() or math.huge
local wake = false
local problems = {}
for i = 1, (#ARGV - 2) / 5 do
  local at = 5 * i - 2
  local id, due = ARGV[at], ARGV[at + 2]
  local failed
  local letter = redis.pcall('XRANGE', KEYS[3], id, id)
  if letter.err then
    failed = letter.err
  elseif not letter[1] then
    failed = ''
  else
    local removed = false
    local function remove()
      if removed then return end
      local refused = try('XDEL', KEYS[3], id)
      removed = not refused
      return refused
    end
    failed = store(remove, ARGV[at + 1], due, ARGV[at + 3], ARGV[at + 4]) or remove()
    if not failed and due ~= '' and tonumber(due) > now() and tonumber(due) < earliest then
      earliest = tonumber(due)
      wake = true
    end
  end
  if failed then
    problems[#problems + 1] = i
    problems[#problems + 1] = failed
  end
end
if wake then try('XADD', KEYS[5], 'MAXLEN', 1, '*', 'w', '1') end
return problems
`);

/** Replaces letters by messages, and returns those that were not replaced. */
export async function replayLetters(
  channel: CommandChannel,
  keys: QueueKeys,
  replays: readonly { readonly letterId: string; readonly message: Omit<ScriptMessage, "dedupe"> }[],
): Promise<readonly ScriptProblem[]> {
  const args: Argument[] = [...queueArguments(ALL_LEVELS)];
  for (const { letterId, message } of replays) {
    args.push(letterId, message.priority, message.dueAt ?? "", message.member, message.body);
  }
  return toProblems(await runScript(channel, replay, queueKeys(keys, ALL_LEVELS), args));
}
