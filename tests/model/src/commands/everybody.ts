import type { AsyncCommand } from "fast-check";
import type { DeliveryModel } from "../delivery-model.js";
import type { RealSystem } from "../real-system.js";

/** Time passes: a part of the lease, or more. */
export class Elapse implements AsyncCommand<DeliveryModel, RealSystem> {
  constructor(readonly leases: number) {}

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    model.tell(`${Math.round(this.leases * system.leaseMs)} ms pass, with a lease of ${system.leaseMs} ms`);
    await system.harness.elapse(this.leases * system.leaseMs);
  }

  toString(): string {
    return `${this.leases} leases pass`;
  }
}

/** Every connection is cut. */
export class Sever implements AsyncCommand<DeliveryModel, RealSystem> {
  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    model.tell("Every connection is cut");
    model.struck();
    await system.harness.severConnections?.();
    await system.patience();
  }

  toString(): string {
    return "every connection is cut";
  }
}
