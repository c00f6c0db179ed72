import { Worker } from "@chicory/worker";
import { app } from "./tasks.js";

// Runs one task and ends.
const worker = new Worker(app);
const ended = new Promise<void>((resolve) => {
  worker.on("succeeded", () => resolve());
});
await worker.start();
await ended;
await worker.stop();
await app.close();
