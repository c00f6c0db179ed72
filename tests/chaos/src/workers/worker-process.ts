// A worker of the load as a process of its own, to be killed. Argument: its settings as JSON.
import { Worker } from "@chicory/worker";
import { Ledger } from "../ledger.js";
import { fileLogger } from "../load/file-logger.js";
import { createLoad, QUEUES } from "../load/load.js";
import { driverOf } from "../stages/broker-spec.js";
import { holdings } from "./holdings.js";
import { noteOutcomes } from "./note-outcomes.js";
import type { WorkerSettings } from "./worker-settings.js";

const STDERR = 2;
/** Status of a worker whose runner is gone. */
const ABANDONED = 3;
/** A task that a worker does not know waits for one that does, which a busy machine takes its time to start. */
const UNKNOWN_TASK_RETRIES = 100;
const UNKNOWN_TASK_DELAY_MS = 1_000;

const [json] = process.argv.slice(2);
if (json === undefined) throw new Error("usage: SETTINGS");
const settings: WorkerSettings = JSON.parse(json);
const { broker, folder, name, epoch, concurrency, shutdownTimeoutMs, seeded, lacks, diesAt } = settings;
const ledger = new Ledger(folder, name, epoch);
const sound = driverOf(broker);
// Loaded only where they are asked for: a sound worker that nobody kills from inside has nothing of them.
const defective = seeded === undefined ? sound : (await import("../seeded/defects.js")).withDefect(seeded, sound);
const driver = diesAt === undefined ? defective : (await import("./death-point.js")).dyingAt(defective, diesAt);
const { app } = createLoad({ driver, ledger, name, logger: fileLogger(STDERR), lacks });
const worker = new Worker(app, {
  queues: [...QUEUES],
  name,
  concurrency,
  shutdownTimeoutMs,
  unknownTaskRetries: UNKNOWN_TASK_RETRIES,
  unknownTaskDelayMs: UNKNOWN_TASK_DELAY_MS,
});
noteOutcomes(worker, name, (event) => ledger.write(event));
// Whoever started it is gone: nobody would stop it. Neither this, nor that it is asked what it holds, nor the channel
// itself keeps a worker from ending.
process.once("disconnect", () => process.exit(ABANDONED));
process.on("message", () => process.send?.(holdings()));
process.channel?.unref();
// Before this a SIGTERM ends the process as it would any program that has not begun.
worker.on("ready", () => {
  ledger.write({ kind: "worker-ready", worker: name });
  process.send?.("ready");
});
process.on("unhandledRejection", (reason) => {
  ledger.write({ kind: "unhandled", worker: name, message: reason instanceof Error ? reason.message : String(reason) });
});
process.on("warning", ({ name: warning, message }) => {
  if (warning === "MaxListenersExceededWarning") ledger.write({ kind: "unhandled", worker: name, message });
});
await worker.run();
await app.close();
