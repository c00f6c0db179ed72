import { BODY_FIELD } from "../consuming/entry-body.js";
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
  local reply = redis.pcall('XADD', KEYS[1], '*', '${BODY_FIELD}', ARGV[i])
  if type(reply) == 'table' and reply.err then
    refused[#refused + 1] = i
    refused[#refused + 1] = reply.err
  end
end
return refused
`);

const NO_PROBLEMS: readonly ScriptProblem[] = [];

/**
 * Stores bodies at the end of a stream, and returns those that were refused. A single one needs no script; it rejects
 * if it is refused.
 */
export async function appendBodies(
  channel: CommandChannel,
  stream: string,
  bodies: readonly Argument[],
): Promise<readonly ScriptProblem[]> {
  const [first] = bodies;
  if (bodies.length === 1 && first !== undefined) {
    await channel.command("xadd", [stream, "*", BODY_FIELD, first]);
    return NO_PROBLEMS;
  }
  return toProblems(await runScript(channel, append, [stream], bodies));
}
