import type { AsyncCommand } from "fast-check";
import type { DeliveryModel } from "../delivery-model.js";
import type { RealSystem } from "../real-system.js";
import { receive } from "../steps.js";

/** A worker, which is started if it does not run, is handed what there is. */
export class Receive implements AsyncCommand<DeliveryModel, RealSystem> {
  constructor(
    readonly worker: string,
    readonly max: number,
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    if (system.isConnected(this.worker)) await receive(model, system, this.worker, this.max);
  }

  toString(): string {
    return `${this.worker} receives up to ${this.max}`;
  }
}
