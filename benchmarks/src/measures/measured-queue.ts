import { redis } from "@chicory/broker-redis";
import { Chicory, type Task } from "@chicory/core";
import { type Payload, payloads } from "../payload.js";
import type { ServerAddress } from "../workload.js";

/** Queue and task of a worker of the kind "chicory". */
const MEASURED_QUEUE = "bench";
const MEASURED_TASK = "noop";

/** Messages of one batch. */
const CHUNK = 1_000;

/** The sending side of a {@link MeasuredWorker}'s queue. Whoever makes it closes it. */
export class MeasuredQueue {
  readonly #app: Chicory;
  readonly #task: Task<Payload>;
  #sent = 0;

  constructor(address: ServerAddress) {
    this.#app = new Chicory({ broker: redis({ ...address }) });
    this.#task = this.#app.task(MEASURED_TASK, { queue: MEASURED_QUEUE }, (_input: Payload) => undefined);
  }

  /** Sends until `total` messages were sent altogether, in whole batches. */
  async fillTo(total: number): Promise<void> {
    while (this.#sent < total) {
      await this.#task.sendMany(payloads(this.#sent, this.#sent + CHUNK));
      this.#sent += CHUNK;
    }
  }

  /** Throws unless the broker holds nothing of this queue any more. */
  async assertEmpty(): Promise<void> {
    const { ready, delayed, inFlight, deadLetters } = await this.#app.broker.depth(MEASURED_QUEUE);
    const left = ready + (delayed ?? 0) + (inFlight ?? 0) + deadLetters;
    if (left > 0) throw new Error(`The server still holds ${left} of ${this.#sent} tasks`);
  }

  async close(): Promise<void> {
    await this.#app.close();
  }
}
