import { createMessage, type DeliveryMode, encodeEnvelope, PublishError } from "@chicory/core";
import type { AsyncCommand } from "fast-check";
import type { DeliveryModel } from "../delivery-model.js";
import { cutAfter, type During, inWords } from "../during.js";
import type { RealSystem } from "../real-system.js";

/** Larger than any envelope here. */
const MAX_BYTES = 10_000;

/** The producer sends a task. */
export class Send implements AsyncCommand<DeliveryModel, RealSystem> {
  constructor(
    readonly mode: DeliveryMode,
    /** How long it is delayed, as a part of the lease. */
    readonly delay: number,
    readonly during: During,
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, system: RealSystem): Promise<void> {
    const id = `m${model.tasks.size + 1}`;
    const { mode, delay, during } = this;
    const notBefore = delay === 0 ? undefined : (await system.harness.now()) + delay * system.leaseMs;
    const body = encodeEnvelope(createMessage({ id, name: "task", input: undefined, mode }), MAX_BYTES);
    const due = notBefore === undefined ? {} : { notBefore };
    const publishing = system.producer.publish([{ id, queue: system.queue, body, mode, priority: 0, ...due }]);
    if (during.fault === "cut") await cutAfter(during.turns, system);
    const fate = await fateOf(publishing);
    const later = notBefore === undefined ? "" : `, due in ${Math.round(delay * system.leaseMs)} ms`;
    model.tell(`The producer sends ${id} (${mode})${later}${inWords(during)}: ${fate}`);
    const struck = fate !== "confirmed";
    model.sent({ id, mode, notBefore, fate, executions: 0, returned: 0, taken: new Map(), struck });
    if (during.fault === "cut") model.struck();
  }

  toString(): string {
    return `send ${this.mode}${this.delay > 0 ? " delayed" : ""}${inWords(this.during)}`;
  }
}

async function fateOf(publishing: Promise<void>): Promise<"confirmed" | "refused" | "unknown"> {
  try {
    await publishing;
    return "confirmed";
  } catch (error) {
    if (error instanceof PublishError) return error.outcome === "unknown" ? "unknown" : "refused";
    throw error;
  }
}
