import { Worker } from "@chicory/worker";
import { app, render } from "./tasks.js";

// All of them wait before the worker starts, so that there is something to choose from.
await render.sendMany([{ page: "archive 1" }, { page: "archive 2" }], { priority: 0 });
await render.send({ page: "article" }); // the task's own priority, 1
await render.send({ page: "front page" }, { priority: 9 });

// One at a time, to show the order. With more, tasks of different priorities run beside each other.
const worker = new Worker(app, { queues: ["pages"], concurrency: 1 });
const allEnded = new Promise<void>((resolve) => {
  let open = 4;
  worker.on("succeeded", () => {
    open -= 1;
    if (open === 0) resolve();
  });
});
await worker.start();
await allEnded;
await worker.stop();
await app.close();
