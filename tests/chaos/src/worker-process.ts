// A worker of the load as a process of its own, to be killed. Arguments: port, folder of ledgers, name, epoch.
import { Worker } from "@chicory/worker";
import { Ledger } from "./ledger.js";
import { createLoad, QUEUE } from "./load.js";

const [port, folder, name, epoch] = process.argv.slice(2);
if (port === undefined || folder === undefined || name === undefined || epoch === undefined) {
  throw new Error("usage: PORT FOLDER NAME EPOCH");
}
const ledger = new Ledger(folder, name, Number(epoch));
const { app } = createLoad({ port: Number(port), ledger, name });
const worker = new Worker(app, { queues: [QUEUE], concurrency: 16 });
// Before this a SIGTERM ends the process as it would any program that has not begun.
worker.on("ready", () => process.send?.("ready", () => process.disconnect()));
await worker.run();
await app.close();
