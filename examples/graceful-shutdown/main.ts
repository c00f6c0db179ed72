import { Worker } from "@chicory/worker";
import { app, long, short } from "./tasks.js";

await short.send();
await long.send();

const first = new Worker(app, { shutdownTimeoutMs: 2_000 });
let started = 0;
first.on("started", () => {
  started += 1;
  // As a deployment would, once both run. `run` listens for SIGTERM and SIGINT.
  if (started === 2) process.kill(process.pid, "SIGTERM");
});
first.on("requeued", ({ name }) => console.log(`${name}: given back`));
await first.run();
console.log("the first worker has stopped");

// What was given back is there for others at once.
process.env.SECOND_WORKER = "yes";
const second = new Worker(app);
const ended = new Promise<void>((resolve) => {
  second.on("succeeded", () => resolve());
});
await second.start();
await ended;
await second.stop();
await app.close();
