import { type Argument, type CommandChannel, defineScript, runScript } from "./script.js";
import { type ScriptProblem, toProblems } from "./script-problem.js";

/**
 * Appends plain messages to a work stream: due now, one priority, no deduplication, no limit. The hot path of
 * publishing.
 *
 * KEYS 1 work stream
 * ARGV bodies, in order
 * Returns {index, error, ...}: which bodies were refused and why; empty if all are stored
 */
const append = defineScript(`
local refused = {}
for i = 1, #ARGV do
  local reply = redis.pcall('XADD', KEYS[1], '*', 'm', ARGV[i])
  if type(reply) == 'table' and reply.err then
    refused[#refused + 1] = i
    refused[#refused + 1] = reply.err
  end
end
return refused
`);

/** Stores bodies at the end of a stream, and returns those that were refused. */
export async function appendBodies(
  channel: CommandChannel,
  stream: string,
  bodies: readonly Argument[],
): Promise<readonly ScriptProblem[]> {
  return toProblems(await runScript(channel, append, [stream], bodies));
}
