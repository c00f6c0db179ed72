import { Worker } from "@chicory/worker";
import { app, charge, poll } from "./tasks.js";

const worker = new Worker(app);
const text = (error: unknown) => (error instanceof Error ? error.message : String(error));

worker.on("retried", ({ name, attempt, error }) => {
  console.log(`${name}: attempt ${attempt} failed (${text(error)}), another follows`);
});
worker.on("deadLettered", ({ name, reason, error }) => {
  console.log(`${name}: given up, ${reason} (${text(error)})`);
});

const allEnded = new Promise<void>((resolve) => {
  let open = 4;
  const ended = () => {
    open -= 1;
    if (open === 0) resolve();
  };
  worker.on("succeeded", ended);
  worker.on("deadLettered", ended);
});

await worker.start();
await charge.sendMany([
  { order: "order 1", card: "good" },
  { order: "order 2", card: "slow bank" },
  { order: "order 3", card: "stolen" },
]);
await poll.send({ report: "sales" });
await allEnded;
await worker.stop();
await app.close();
