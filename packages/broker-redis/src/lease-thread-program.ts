// The program of the thread that keeps leases while the event loop is blocked. It is loaded by name, see LeaseThread.
import { parentPort, workerData } from "node:worker_threads";
import { LeaseDeputy } from "./lease-deputy.js";
import type { LeaseThreadData, LeaseThreadNews, LeaseWatch } from "./lease-watch.js";
import { Pulse } from "./pulse.js";
import type { StandInRenewer } from "./stand-in-renewer.js";
import { threadLogger } from "./thread-logger.js";

const { config, nonce, pulse, watch } = workerData as LeaseThreadData;
const tell = (news: LeaseThreadNews) => parentPort?.postMessage(news);
const logger = threadLogger((line) => tell({ kind: "log", line }));
let watched = watch;
let renewer: StandInRenewer | undefined;

const deputy = new LeaseDeputy({
  pulse: new Pulse(pulse),
  leaseMs: config.leaseMs,
  patienceMs: () => watched.patienceMs,
  logger,
  renew: async () => {
    // Most loops are never blocked: until then the thread holds neither a client library in memory nor a connection.
    const program = await import("./stand-in-renewer.js");
    renewer ??= new program.StandInRenewer(config, nonce, logger);
    await renewer.renew(watched.queues);
  },
  rest: () => {
    renewer?.close();
    renewer = undefined;
  },
});

parentPort?.on("message", (message: LeaseWatch) => {
  watched = message;
});
deputy.start();
tell({ kind: "ready" });
