import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import { clusterOf } from "../stages/stage-of.js";

/** Silence, in seconds, after which the other nodes take one for dead. A server's default is 60. */
const TICK_TIME_S = 5;
/** Until the silence is noticed, which takes up to a quarter longer, and the queues have another leader. */
const HANGS_MS = TICK_TIME_S * 1_250 + 4_000;
/** How long it is there again, and may not know that the others have gone on without it: an operator restarts it. */
const ASTRAY_MS = 1_000;

export const rabbitmqLeaderHangs: Scenario = {
  name: "rabbitmq-leader-hangs",
  sentence:
    "The node that leads a queue answers nobody, the other nodes included, as behind a cut cable: the other two go on, and it joins them again when it is started anew.",
  stages: ["rabbitmq-cluster"],
  tier: "all",
  needs: { rabbitmqConfig: [`net_ticktime = ${TICK_TIME_S}`] },
  perSecond: 100,
  faults: 1,
  everyMs: 1_500,
  sparesWorkers: true,
  async strike({ stage, random, pause, flows, broken }) {
    const { cluster, restart } = clusterOf(stage);
    const leader = await cluster.leaderOf(`chicory.queue.${QUEUES[random.below(QUEUES.length)]}`);
    await leader.pause();
    await pause(HANGS_MS);
    if (!(await flows())) broken("two nodes of three carry the load");
    await leader.resume();
    await pause(ASTRAY_MS);
    await leader.kill();
    await restart(leader);
  },
};
