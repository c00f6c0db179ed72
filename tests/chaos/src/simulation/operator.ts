import { type BrokerDriver, Chicory } from "@chicory/core";
import type { Chronicle } from "./chronicle.js";

/** Somebody who looks after dead letters by the app's own means. */
export class Operator {
  readonly #name: string;
  readonly #app: Chicory;
  readonly #queues: readonly string[];
  readonly #chronicle: Chronicle;

  constructor(name: string, driver: BrokerDriver, queues: readonly string[], chronicle: Chronicle) {
    this.#name = name;
    this.#app = new Chicory({ broker: driver });
    this.#queues = queues;
    this.#chronicle = chronicle;
  }

  /** Looks at every letter. */
  async browse(): Promise<void> {
    for (const queue of this.#queues) await this.#app.broker.deadLetters(queue).list();
  }

  /** Puts every letter of a task that is mended by now back. */
  async replay(): Promise<void> {
    for (const queue of this.#queues) {
      const box = this.#app.broker.deadLetters(queue);
      const { letters } = await box.list();
      for (const { id, record } of letters) {
        if (record.taskName !== "mended" || record.taskId === undefined) continue;
        const replayed = await box.replay({ ids: [id] });
        if (replayed === 1) this.#chronicle.write({ kind: "replayed", id: record.taskId, operator: this.#name });
      }
    }
  }

  async close(): Promise<void> {
    await this.#app.close();
  }
}
