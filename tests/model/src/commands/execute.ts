import type { AsyncCommand } from "fast-check";
import type { DeliveryModel } from "../delivery-model.js";
import type { During } from "../during.js";
import type { RealSystem } from "../real-system.js";
import { execute } from "../steps.js";

/** A worker calls a handler. */
export class Execute implements AsyncCommand<DeliveryModel, RealSystem> {
  constructor(
    readonly worker: string,
    readonly ended: "returned" | "threw",
    /** What happens while an ack is on its way that has to take first. */
    readonly during: During,
  ) {}

  check(model: Readonly<DeliveryModel>): boolean {
    return model.hand(this.worker).some(({ ended }) => ended === undefined);
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    const hold = model.hand(this.worker).find(({ ended }) => ended === undefined);
    if (hold === undefined || !system.isConnected(this.worker)) return;
    await execute(model, system, this.worker, hold, this.ended, this.during);
  }

  toString(): string {
    return `${this.worker} executes`;
  }
}
