import { WorkerFault } from "./commands/worker-fault.js";
import { WORKERS } from "./commands.js";
import type { DeliveryModel } from "./delivery-model.js";
import type { RealSystem } from "./real-system.js";
import { execute, receive, settleEnded } from "./steps.js";

/** Parts of a lease after each of which it is looked whether something is left, and how often. */
const LEASE_PART = 0.5;
const MAX_ROUNDS = 16;

/** Messages of one look. */
const MAX_RECEIVED = 50;

const PEACE = { fault: "nothing", turns: 0 } as const;

/** Mends everything, and lets one more worker execute what is left. Throws if a promise is broken then. */
export async function comeToRest(model: DeliveryModel, system: RealSystem): Promise<void> {
  const { harness, queue } = system;
  for (const worker of WORKERS) {
    await new WorkerFault(worker, "heal").run(model, system);
    // One dies and has its deliveries taken over, the other gives them back.
    await new WorkerFault(worker, worker === WORKERS[0] ? "crash" : "stop").run(model, system);
  }
  const waiting = async () => {
    const { ready, delayed = 0, inFlight = 0 } = await system.ask(() => system.producer.admin.depth(queue));
    return ready + delayed + inFlight;
  };
  for (let round = 0; round < MAX_ROUNDS && (await waiting()) > 0; round++) {
    while ((await receive(model, system, "the last worker", MAX_RECEIVED)) > 0) {
      for (const hold of model.hand("the last worker")) {
        await execute(model, system, "the last worker", hold, "returned", PEACE);
        if (model.hand("the last worker").includes(hold))
          await settleEnded(model, system, "the last worker", hold, PEACE);
      }
    }
    if ((await waiting()) > 0) await harness.elapse(LEASE_PART * system.leaseMs);
  }
  const { letters } = await system.ask(() => system.producer.admin.browseDeadLetters(queue));
  model.atRest(
    letters.map(({ record }) => record.taskId ?? ""),
    await waiting(),
  );
}
