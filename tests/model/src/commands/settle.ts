import type { AsyncCommand } from "fast-check";
import type { DeliveryModel, Hold } from "../delivery-model.js";
import { type During, inWords } from "../during.js";
import type { RealSystem } from "../real-system.js";
import { settleEnded } from "../steps.js";

/** A worker settles what it has executed. */
export class Settle implements AsyncCommand<DeliveryModel, RealSystem> {
  constructor(
    readonly worker: string,
    readonly during: During,
  ) {}

  check(model: Readonly<DeliveryModel>): boolean {
    return model.hand(this.worker).some(isEnded);
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    const hold = model.hand(this.worker).find(isEnded);
    if (hold === undefined || !system.isConnected(this.worker)) return;
    if (system.isLost(hold.delivery)) {
      model.tell(`${this.worker} hears that ${hold.task.id} is not its own any more`);
      model.dropped(this.worker, hold);
      return;
    }
    await settleEnded(model, system, this.worker, hold, this.during);
  }

  toString(): string {
    return `${this.worker} settles${inWords(this.during)}`;
  }
}

function isEnded({ ended }: Hold): boolean {
  return ended !== undefined;
}
