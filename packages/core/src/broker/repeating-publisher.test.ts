import { describe, expect, it } from "@jest/globals";
import { FakeDriver, type OnPublish, outgoing } from "../../test/fake-driver.js";
import type { OutgoingMessage } from "../driver/outgoing-message.js";
import { AccessError, ConnectionError, QueueFullError, ServerError } from "../errors/broker-error.js";
import { ConfigError } from "../errors/config-error.js";
import { PublishError, type PublishOutcome } from "../errors/publish-error.js";
import { RepeatingPublisher } from "./repeating-publisher.js";

const lost = new ConnectionError("the connection broke");

function publisher(onPublish: OnPublish, timeoutMs = 20_000) {
  const driver = new FakeDriver(onPublish);
  const repeating = new RepeatingPublisher({ driver: async () => driver });
  const publish = (messages: readonly OutgoingMessage[]) => repeating.publish(messages, performance.now() + timeoutMs);
  return { driver, publisher: { publish } };
}

function failing(messages: readonly OutgoingMessage[], outcome: PublishOutcome, cause: Error): PublishError {
  return new PublishError(messages.map((message) => ({ message, outcome, cause })));
}

/** Fails the first call and stores on the second. */
const failsOnce =
  (outcome: PublishOutcome, cause: Error): OnPublish =>
  (messages, call) => {
    if (call === 1) throw failing(messages, outcome, cause);
  };

describe("repeating publisher", () => {
  it.each<[string, PublishOutcome, Partial<OutgoingMessage>]>([
    ["was not stored for a reason that passes, at least once", "rejected", {}],
    ["was not stored for a reason that passes, at most once", "rejected", { mode: "at-most-once" }],
    ["may be stored and is delivered at least once anyway", "unknown", {}],
    ["may be stored and is idempotent, at most once", "unknown", { mode: "at-most-once", dedupeMs: 1_000 }],
  ])("repeats what %s", async (_, outcome, more) => {
    const { driver, publisher: repeating } = publisher(failsOnce(outcome, lost));
    await repeating.publish([outgoing("a", more)]);
    expect(driver.batches).toHaveLength(2);
  });

  it("never repeats a message at most once whose fate is unknown", async () => {
    const { driver, publisher: repeating } = publisher(failsOnce("unknown", lost));
    await expect(repeating.publish([outgoing("a", { mode: "at-most-once" })])).rejects.toMatchObject({
      outcome: "unknown",
      cause: lost,
    });
    expect(driver.batches).toHaveLength(1);
  });

  it.each([
    new QueueFullError("full"),
    new AccessError("no right"),
    new ServerError("wrong type", { retryable: false }),
  ])("reports at once what does not pass: $message", async (cause) => {
    const { driver, publisher: repeating } = publisher(failsOnce("rejected", cause));
    await expect(repeating.publish([outgoing("a")])).rejects.toMatchObject({ outcome: "rejected", cause });
    expect(driver.batches).toHaveLength(1);
  });

  it("repeats only the messages that failed, and reports each in the order of the call", async () => {
    const { driver, publisher: repeating } = publisher((messages, call) => {
      const [a, b, c] = messages;
      if (call !== 1 || !a || !b || !c) return;
      throw new PublishError([
        { message: b, outcome: "rejected", cause: new QueueFullError("full") },
        { message: c, outcome: "rejected", cause: lost },
      ]);
    });
    const error = await repeating.publish(["a", "b", "c"].map((id) => outgoing(id))).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failures: [{ message: { id: "b" } }] });
    expect(driver.batches.map((batch) => batch.map(({ id }) => id))).toEqual([["a", "b", "c"], ["c"]]);
  });

  it("gives up at its deadline with what is known then", async () => {
    const { driver, publisher: repeating } = publisher((messages) => {
      throw failing(messages, "rejected", lost);
    }, 1_500);
    await expect(repeating.publish([outgoing("a")])).rejects.toMatchObject({ outcome: "rejected", cause: lost });
    expect(driver.batches.length).toBeGreaterThan(1);
  });

  it("says that a message may be stored whose first answer was lost and whose repetition was refused", async () => {
    const { driver, publisher: repeating } = publisher((messages, call) => {
      throw call === 1 ? failing(messages, "unknown", lost) : failing(messages, "rejected", new QueueFullError("full"));
    });
    await expect(repeating.publish([outgoing("a")])).rejects.toMatchObject({ outcome: "unknown" });
    expect(driver.batches).toHaveLength(2);
  });

  it("keeps to what the last attempt said when the process was held up until the deadline", async () => {
    const { driver, publisher: repeating } = publisher((messages) => {
      // Blocks the event loop as soon as the pause before the repetition has begun.
      setImmediate(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200));
      throw failing(messages, "unknown", lost);
    }, 1_000);
    await expect(repeating.publish([outgoing("a")])).rejects.toMatchObject({ outcome: "unknown", cause: lost });
    expect(driver.batches).toHaveLength(1);
  });

  it("writes nothing when there is no time left: the message is certainly not stored", async () => {
    const { driver, publisher: repeating } = publisher(() => undefined, 0);
    await expect(repeating.publish([outgoing("a")])).rejects.toMatchObject({ outcome: "rejected" });
    expect(driver.batches).toEqual([]);
  });

  it("never hangs on a driver that never answers: the message may be stored", async () => {
    const { publisher: repeating } = publisher(() => new Promise(() => undefined), 50);
    await expect(repeating.publish([outgoing("a")])).rejects.toMatchObject({ outcome: "unknown" });
  });

  it("calls a message rejected when there was never a driver to write it", async () => {
    const cause = new ConfigError("no broker is installed");
    const repeating = new RepeatingPublisher({ driver: () => Promise.reject(cause) });
    await expect(repeating.publish([outgoing("a")], performance.now() + 1_000)).rejects.toMatchObject({
      outcome: "rejected",
      cause,
    });
  });
});
