// The program of the thread that keeps leases while the event loop is blocked. It is loaded by name, see LeaseThread.
import { parentPort, workerData } from "node:worker_threads";
import { LeaseDeputy } from "./lease-deputy.js";
import type { LeaseThreadData, LeaseThreadNews, LeaseWatch } from "./lease-watch.js";
import { Pulse } from "./pulse.js";
import type { StandInRenewer } from "./stand-in-renewer.js";
import { threadLogger } from "./thread-logger.js";

/**
 * A shorter lease, in milliseconds, may be over before a machine that is overloaded has read and compiled the client
 * library: with such a one it is loaded at once. A longer one leaves the memory to others, since most loops are never
 * blocked.
 */
const LOADED_AT_ONCE_BELOW_MS = 15_000;

const { config, nonce, pulse, watch } = workerData as LeaseThreadData;
const tell = (news: LeaseThreadNews) => parentPort?.postMessage(news);
const logger = threadLogger((line) => tell({ kind: "log", line }));
let watched = watch;
let renewer: StandInRenewer | undefined;

const loadRenewer = () => import("./stand-in-renewer.js");
const deputy = new LeaseDeputy({
  pulse: new Pulse(pulse),
  leaseMs: config.leaseMs,
  patienceMs: () => watched.patienceMs,
  logger,
  renew: async () => {
    const program = await loadRenewer();
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
if (config.leaseMs < LOADED_AT_ONCE_BELOW_MS) {
  loadRenewer().catch((error: unknown) => logger.debug({ err: error }, "What renews leases cannot be loaded"));
}
tell({ kind: "ready" });
