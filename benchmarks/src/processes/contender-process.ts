// One contender in a process of its own, which measures a round whenever its parent asks. Arguments: workload,
// contender.
import type { RoundReply, RoundRequest } from "../run/protocol.js";
import { findContender } from "../suites.js";
import type { Round } from "../workload.js";

const [workload, contender] = process.argv.slice(2);
if (workload === undefined || contender === undefined) throw new Error("usage: WORKLOAD CONTENDER");
const measure = await findContender(workload, contender).load();

// Not before everything is loaded, so that the first round finds a process that is ready.
process.on("message", ({ round }: RoundRequest) => void answer(round));
process.once("disconnect", () => process.exit());

async function answer(round: Round): Promise<void> {
  let reply: RoundReply;
  try {
    reply = { kind: "sample", sample: await measure(round) };
  } catch (error) {
    reply = { kind: "broken", reason: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply);
}
