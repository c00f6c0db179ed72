// A process whose event loop is blocked while it holds a message. It says what happens on its standard output.
import { writeSync } from "node:fs";
import type { Delivery, Logger } from "@chicory/core";
import { type RedisOptions, redis } from "../../src/index.js";

/** What the process is to do. */
export interface BlockingOptions {
  readonly broker: RedisOptions;
  readonly queue: string;
  readonly longestTaskMs: number;
  /** For how long each message blocks the loop. */
  readonly blockMs: number;
}

const { broker, queue, longestTaskMs, blockMs } = JSON.parse(process.argv[2] ?? "") as BlockingOptions;

// Written at once: a blocked loop would write nothing.
const say = (line: string): void => void writeSync(1, `${line}\n`);
const log = (_: unknown, message: string): void => say(`log ${message}`);
const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };

/** Blocks the loop as a handler that computes does, without taking the processor from others. */
function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
}

const driver = redis(broker, { logger });
const consumer = await driver.consume(queue, {
  worker: "blocked",
  credits: 10,
  longestTaskMs,
  onLost: (deliveries) => say(`lost ${deliveries.length}`),
});
const end = new AbortController();
process.once("SIGTERM", () => end.abort());

async function run(deliveries: readonly Delivery[]): Promise<void> {
  for (const delivery of deliveries) {
    say(`run ${Buffer.from(delivery.body).toString()}`);
    block();
    const { lost } = await consumer.settle([{ kind: "ack", delivery }]);
    say(lost.length === 0 ? "settled" : "too late");
  }
}

say("ready");
while (!end.signal.aborted) {
  await run(await consumer.receive(10, end.signal));
}
await driver.close();
say("closed");
