import { Worker } from "@chicory/worker";
import { app, remind } from "./tasks.js";

const now = Date.now();

// Sent in this order, executed in the order of their times: they wait in Redis, whether or not a worker runs.
await remind.send({ text: "third: after three seconds", due: now + 3_000 }, { delayMs: 3_000 });
await remind.send({ text: "second: at a given time", due: now + 2_000 }, { eta: new Date(now + 2_000) });
await remind.send({ text: "first: at once", due: now });
const { delayed } = await app.broker.depth();
console.log(`${delayed} tasks wait for their time`);

const worker = new Worker(app);
const allEnded = new Promise<void>((resolve) => {
  let open = 3;
  worker.on("succeeded", () => {
    open -= 1;
    if (open === 0) resolve();
  });
});
await worker.start();
await allEnded;
await worker.stop();
await app.close();
