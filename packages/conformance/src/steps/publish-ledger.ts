import assert from "node:assert/strict";
import { type BrokerDriver, BrokerError, type OutgoingMessage, PublishError } from "@chicory/core";
import type { ScenarioContext } from "../scenario-context.js";
import { Collector } from "./collector.js";
import { eventually } from "./eventually.js";

/** What was said of each message that was published, to be compared with what is there. Bodies are texts. */
export class PublishLedger {
  readonly #stored = new Set<string>();
  readonly #rejected = new Set<string>();
  readonly #unknown = new Set<string>();

  /** Publishes, and notes what became of each message. */
  async publish(driver: BrokerDriver | undefined, messages: readonly OutgoingMessage[]): Promise<void> {
    assert.ok(driver);
    const failed = new Map<OutgoingMessage, "rejected" | "unknown">();
    try {
      await driver.publish(messages);
    } catch (error) {
      assert.ok(error instanceof PublishError, `publish rejected with ${String(error)} instead of a PublishError`);
      for (const { message, outcome, cause } of error.failures) {
        assert.ok(cause instanceof BrokerError && cause.retryable, `a cut was reported as final: ${String(cause)}`);
        failed.set(message, outcome);
      }
    }
    for (const message of messages) this.#setOf(failed.get(message)).add(String(message.body));
  }

  /**
   * Works the queue off, and asserts that what was confirmed comes once, what was rejected not at all, and what is
   * unknown at most once.
   */
  async check(context: ScenarioContext): Promise<void> {
    const collector = new Collector(context, await context.consumer());
    await collector.has([...this.#stored]);
    const driver = context.driver();
    await eventually(context, async () => {
      const { ready, inFlight } = await driver.admin.depth(context.queue);
      assert.equal(ready + (inFlight ?? 0), 0);
    });
    await collector.stop();
    assert.equal(new Set(collector.texts).size, collector.texts.length, "a message was stored twice");
    for (const text of collector.texts) {
      assert.ok(!this.#rejected.has(text), `${text} was rejected and is there all the same`);
      assert.ok(this.#stored.has(text) || this.#unknown.has(text), `${text} was never published`);
    }
  }

  #setOf(outcome: "rejected" | "unknown" | undefined): Set<string> {
    if (outcome === undefined) return this.#stored;
    return outcome === "rejected" ? this.#rejected : this.#unknown;
  }
}
