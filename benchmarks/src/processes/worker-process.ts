// A worker as a process of its own, whose memory and speed are measured. Arguments: kind, host, port. It begins when its
// parent says "start", tells how many tasks it has executed and what memory it takes, and ends when its parent says
// "stop".
import type { OpenRelay } from "../contenders/relay.js";
import type { WorkerKind, WorkerReport } from "../measures/measured-worker.js";

/** Time between two reports, in milliseconds. */
const REPORT_MS = 20;

const KINDS: Readonly<Record<WorkerKind, () => Promise<OpenRelay>>> = {
  chicory: async () => (await import("../contenders/chicory-relay.js")).openChicoryRelay,
  bullmq: async () => (await import("../contenders/bullmq-relay.js")).openBullmqRelay,
};

const [kind, host, port] = process.argv.slice(2);
if (host === undefined || port === undefined) throw new Error("usage: KIND HOST PORT");
let executed = 0;
let lastAt = 0;
const open = await KINDS[kind as WorkerKind]();
const relay = await open({ redis: { host, port: Number(port) }, rabbitmq: undefined, quick: false }, () => {
  executed += 1;
  lastAt = Date.now();
});

let isStopping = false;
process.once("disconnect", () => process.exit(isStopping ? 0 : 1));
process.on("message", (message) => void (message === "start" ? relay.start() : stop()));
const reporting = setInterval(report, REPORT_MS);

function report(): void {
  const message: WorkerReport = { executed, lastAt, rss: process.memoryUsage.rss() };
  process.send?.(message);
}

async function stop(): Promise<void> {
  isStopping = true;
  clearInterval(reporting);
  await relay.close();
  report();
  process.disconnect();
}
