import type { BrokerDriver, Settlement } from "@chicory/core";
import { DelegatingConsumer, DelegatingDriver } from "@chicory/mutants";

/** A call of a worker to its broker; `claim` is the ack of a task at most once before it runs. */
export type DyingCall = "receive" | "claim" | Exclude<Settlement["kind"], "requeue">;

/** Where a worker's process kills itself. */
export interface DeathPoint {
  readonly call: DyingCall;
  /** Before the request is made, when it is on its way and nobody has heard the answer, or when it has been answered. */
  readonly when: "before" | "during" | "after";
  /** At how many-th call of this kind. */
  readonly nth: number;
}

/** A driver whose process dies at this point, as by SIGKILL from outside: nothing is cleaned up. */
export function dyingAt(inner: BrokerDriver, { call, when, nth }: DeathPoint): BrokerDriver {
  let calls = 0;
  const isIt = (...made: readonly DyingCall[]) => made.includes(call) && ++calls === nth;
  const driver = new DelegatingDriver(inner);
  driver.consume = async (queue, options) => {
    const sound = await inner.consume(queue, options);
    const consumer = new DelegatingConsumer(sound);
    consumer.receive = async (max, signal) => {
      const deliveries = await sound.receive(max, signal);
      if (deliveries.length > 0 && isIt("receive")) die();
      return deliveries;
    };
    consumer.settle = async (settlements) => {
      const last = isIt(...settlements.flatMap((settlement) => callOf(settlement) ?? []));
      if (last && when === "before") die();
      const answer = sound.settle(settlements);
      // What the driver writes in this turn of the event loop is on its way in the next.
      if (last && when === "during") setImmediate(die);
      const result = await answer;
      if (last) die();
      return result;
    };
    return consumer;
  };
  return driver;
}

function callOf(settlement: Settlement): DyingCall | undefined {
  if (settlement.kind === "requeue") return undefined;
  return settlement.kind === "ack" && settlement.beforeRun === true ? "claim" : settlement.kind;
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
