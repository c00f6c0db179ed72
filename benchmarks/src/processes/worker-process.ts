// A Chicory worker as a process of its own, whose memory is measured. Arguments: host, port. It tells its parent
// how many tasks it has executed and what memory it takes, and ends when the parent asks it to.
import { redis } from "@chicory/broker-redis";
import { Chicory } from "@chicory/core";
import { Worker } from "@chicory/worker";
import { CONCURRENCY } from "../contenders/drainer.js";
import { MEASURED_QUEUE, MEASURED_TASK, type WorkerReport } from "../measures/measured-worker.js";
import type { Payload } from "../payload.js";

/** Time between two reports, in milliseconds. */
const REPORT_MS = 20;

const [host, port] = process.argv.slice(2);
if (host === undefined || port === undefined) throw new Error("usage: HOST PORT");
const app = new Chicory({ broker: redis({ host, port: Number(port) }) });
app.task(MEASURED_TASK, { queue: MEASURED_QUEUE }, async (_input: Payload) => undefined);
const worker = new Worker(app, { queues: [MEASURED_QUEUE], concurrency: CONCURRENCY });

let isStopping = false;
process.once("disconnect", () => process.exit(isStopping ? 0 : 1));
process.once("message", () => void stop());
const reporting = setInterval(report, REPORT_MS);
await worker.start();

function report(): void {
  const message: WorkerReport = { succeeded: worker.stats().succeeded, rss: process.memoryUsage.rss() };
  process.send?.(message);
}

async function stop(): Promise<void> {
  isStopping = true;
  clearInterval(reporting);
  await worker.stop();
  await app.close();
  report();
  process.disconnect();
}
