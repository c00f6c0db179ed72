// A thread's program that is at its post, and ends as soon as it is told what to watch.
import { parentPort } from "node:worker_threads";

parentPort.once("message", () => {
  throw new Error("the thread fails");
});
parentPort.postMessage({ kind: "ready" });
parentPort.postMessage({ kind: "log", line: { level: "info", fields: {}, message: "at its post" } });
