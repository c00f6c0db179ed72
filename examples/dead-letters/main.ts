import { Worker } from "@chicory/worker";
import { app, partner, syncOrder } from "./tasks.js";

const worker = new Worker(app);
const deadLetters = app.broker.deadLetters("orders");

/** Resolves after so many events. */
function events(name: "deadLettered" | "succeeded", count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    worker.on(name, () => {
      seen += 1;
      if (seen === count) resolve();
    });
  });
}

await worker.start();

const buried = events("deadLettered", 3);
await syncOrder.sendMany([{ order: 1 }, { order: 2 }, { order: -3 }]);
await buried;

// What an operator sees; `chicory dlq list` shows the same.
const { letters } = await deadLetters.list();
for (const { record, body } of letters) {
  console.log(`${record.reason} after ${record.attempts} attempts: ${record.error?.message}`);
  console.log(`  the original message has ${body.length} bytes`);
}

// Some can never succeed: those go.
const hopeless = letters.filter(({ record }) => record.reason === "rejected").map(({ id }) => id);
console.log(`removed ${await deadLetters.remove(hopeless)}`);

// The others run again once the cause is gone, with a fresh set of attempts.
partner.up = true;
const synchronised = events("succeeded", 2);
console.log(`replayed ${await deadLetters.replay()}`);
await synchronised;
console.log(`${await deadLetters.count()} dead letters are left`);

await worker.stop();
await app.close();
