import { appendFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Chicory, DeliveryMode } from "@chicory/core";

// A short lease, so that this example need not wait long for the killed worker to be known as dead.
export const app = new Chicory({ config: { broker: { redis: { leaseMs: 1_000 } } } });

interface Input {
  /** A file in which each start of the task is noted. */
  readonly journal: string;
}

/** The first start never comes to its end, since the worker is killed meanwhile; a second one would. */
async function work(name: string, { journal }: Input): Promise<void> {
  await appendFile(journal, `${name}\n`);
  await sleep(process.env.HANG === "yes" ? 60_000 : 0);
}

export const invoice = app.task("invoice", async (input: Input) => work("invoice", input));

export const sms = app.task("sms", { deliveryMode: DeliveryMode.AT_MOST_ONCE }, async (input: Input) =>
  work("sms", input),
);
