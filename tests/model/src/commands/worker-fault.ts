import type { AsyncCommand } from "fast-check";
import type { DeliveryModel } from "../delivery-model.js";
import type { RealSystem } from "../real-system.js";
import { settleEnded } from "../steps.js";

/** Time for which a worker is cut off so that it may lose what it holds, as a part of the lease. */
const TOO_LONG = 1.2;

/** Something happens to one worker. */
export class WorkerFault implements AsyncCommand<DeliveryModel, RealSystem> {
  constructor(
    readonly worker: string,
    readonly fault: "crash" | "stop" | "isolate" | "heal" | "sleep",
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    const { worker } = this;
    if (!system.has(worker)) return;
    switch (this.fault) {
      case "crash":
        model.tell(`${worker} dies`);
        model.doubted(worker);
        await system.crash(worker);
        model.gone(worker);
        break;
      case "stop":
        if (!system.isConnected(worker)) return;
        await this.#stop(model, system);
        break;
      case "isolate":
        if (!system.isConnected(worker)) return;
        model.tell(`${worker} is cut off`);
        model.doubted(worker);
        await system.isolate(worker);
        break;
      case "heal":
        if (system.isConnected(worker)) return;
        model.tell(`${worker} reaches the broker again`);
        await system.heal(worker);
        break;
      case "sleep":
        if (!system.isConnected(worker)) return;
        model.tell(`${worker} is cut off for ${TOO_LONG * system.leaseMs} ms, with a lease of ${system.leaseMs} ms`);
        model.doubted(worker);
        await system.isolate(worker);
        await system.harness.elapse(TOO_LONG * system.leaseMs);
        await system.heal(worker);
        break;
    }
  }

  toString(): string {
    return `${this.worker}: ${this.fault}`;
  }

  /** What has ended is settled, and what never started is given back. */
  async #stop(model: DeliveryModel, system: RealSystem): Promise<void> {
    const { worker } = this;
    for (const hold of model.hand(worker)) {
      const settles = hold.ended !== undefined && !system.isLost(hold.delivery);
      if (settles) await settleEnded(model, system, worker, hold, { fault: "nothing", turns: 0 });
    }
    model.tell(`${worker} stops gracefully`);
    await system.stop(worker);
    model.gone(worker);
  }
}
