import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { drain, memory, VirtualClock } from "@chicory/broker-memory";
import { createApp } from "./tasks.js";

describe("welcome", () => {
  let clock: VirtualClock;
  let sent: string[];
  let outages: number;
  let tasks: ReturnType<typeof createApp>;

  beforeEach(() => {
    clock = new VirtualClock();
    sent = [];
    outages = 0;
    const send = async (to: string, subject: string) => {
      outages -= 1;
      if (outages >= 0) throw new Error("the mail server is down");
      sent.push(`${subject} ${to}`);
    };
    tasks = createApp({ send }, { broker: memory({ clock }) });
  });
  afterEach(async () => {
    await tasks.app.close();
  });

  it("asks for feedback a week later", async () => {
    const start = clock.now();
    await tasks.welcome.send({ to: "ada@example.com" });
    await drain(tasks.app, { advance: false }); // only what is due
    assert.deepEqual(sent, ["Welcome ada@example.com"]);
    await drain(tasks.app); // the clock goes on to what is delayed
    assert.deepEqual(sent, ["Welcome ada@example.com", "How do you like it? ada@example.com"]);
    assert.ok(clock.now() - start >= 7 * 24 * 3_600_000);
  });

  it("survives a mail server that is down for a while", async () => {
    outages = 2;
    await tasks.welcome.send({ to: "ada@example.com" });
    assert.deepEqual(await drain(tasks.app), { succeeded: 2, retried: 2, deadLettered: 0, failed: 0 });
  });

  it("becomes a dead letter when it stays down, and runs when it is replayed", async () => {
    outages = 3;
    await tasks.welcome.send({ to: "ada@example.com" });
    await drain(tasks.app);
    const letters = tasks.app.broker.deadLetters();
    const [letter] = (await letters.list()).letters;
    assert.equal(letter?.record.reason, "retries-exhausted");
    assert.equal(letter?.record.error?.message, "the mail server is down");
    await letters.replay();
    assert.equal((await drain(tasks.app)).succeeded, 2);
  });

  it("gives up at once on what is no address", async () => {
    await tasks.welcome.send({ to: "nobody" });
    assert.deepEqual(await drain(tasks.app), { succeeded: 0, retried: 0, deadLettered: 1, failed: 0 });
    assert.deepEqual(sent, []);
  });
});
