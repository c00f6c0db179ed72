import { type Chicory, type Logger, resolveSection } from "@chicory/core";
import { connect } from "../app/connect.js";
import { loadApp } from "../app/load-app.js";
import { loadWorkerPackage, type WorkerPackage } from "../app/worker-package.js";
import { LOG_LEVELS } from "../commands/app-arguments.js";
import type { CommandContext } from "../commands/command-context.js";
import { commandLogger } from "../commands/command-logger.js";
import { toWorkerFlags, type WorkerArguments } from "../commands/worker-arguments.js";
import { ExitCode } from "../errors/exit-code.js";
import type { ChildLink } from "../supervisor/child-link.js";
import { ProcessSignals } from "./process-signals.js";

/** Longest wait for the app to close after a worker that was stopped at once, in milliseconds. */
const HURRIED_CLOSE_MS = 1_000;

/**
 * Loads the app, runs a worker of it until a signal, or until the supervisor has ended, and resolves with the exit
 * code. Rejects if the worker cannot start or go on.
 */
export async function runWorker(
  context: CommandContext,
  args: WorkerArguments,
  link: ChildLink | undefined,
): Promise<ExitCode> {
  const signals = new ProcessSignals();
  const { app, path } = await loadApp(args.app, context.surroundings.directory);
  const { Worker, workerSection } = await loadWorkerPackage(path);
  const settings = resolveSettings(app, workerSection, args);
  const logger = chooseLogger(app, context, args, settings.logLevel, link);
  const worker = new Worker(app, { ...toWorkerFlags(args, link?.number), logger });
  try {
    await connect(app);
    const { name: broker } = await app.broker.driver();
    worker.on("ready", () => {
      const tasks = app.tasks.all().length;
      const queues = worker.stats().queues.map(({ queue, concurrency }) => `${queue}=${concurrency}`);
      logger.info({ broker, queues: queues.join(" "), tasks }, "Ready: running tasks until a signal");
      link?.ready(settings.shutdownTimeoutMs);
    });
    const running = worker.run();
    // From here on the worker answers signals itself.
    signals.count();
    link?.onDisconnect(() => {
      logger.warn({}, "The supervisor has ended: stopping");
      void worker.stop();
    });
    await running;
  } finally {
    await close(app, signals.hurried);
  }
  return signals.hurried ? ExitCode.FAILURE : ExitCode.OK;
}

interface Settings {
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly shutdownTimeoutMs: number;
}

function resolveSettings(app: Chicory, section: WorkerPackage["workerSection"], args: WorkerArguments): Settings {
  const { queues: _, name: _name, ...explicit } = toWorkerFlags(args);
  const { values } = resolveSection(section, { explicit, configured: app.config.worker });
  const logLevel = LOG_LEVELS.find((level) => level === values.logLevel) ?? "info";
  return { logLevel, shutdownTimeoutMs: Number(values.shutdownTimeoutMs) };
}

/** The app's own logger, unless a flag asks for the command's; the command's if the app has none. */
function chooseLogger(
  app: Chicory,
  context: CommandContext,
  args: WorkerArguments,
  level: Settings["logLevel"],
  link: ChildLink | undefined,
): Logger {
  const plain = commandLogger(context, args, level);
  const own = link === undefined ? plain : plain.child({ process: link.number });
  app.useLogger(own);
  return args.logLevel === undefined && args.logFormat === undefined ? app.logger : own;
}

async function close(app: Chicory, hurried: boolean): Promise<void> {
  if (!hurried) return await app.close();
  const { promise, cancel } = after(HURRIED_CLOSE_MS);
  // Somebody waits for the second signal to take effect, and what the worker held is given back already.
  await Promise.race([app.close(), promise]);
  cancel();
}

function after(ms: number): { promise: Promise<void>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
