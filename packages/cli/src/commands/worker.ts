import { ConfigError, readEnvironment } from "@chicory/core";
import type { Argv, CommandModule } from "yargs";
import type { ExitCode } from "../errors/exit-code.js";
import { childLink } from "../supervisor/child-link.js";
import { Supervisor } from "../supervisor/supervisor.js";
import { WorkerProcess } from "../supervisor/worker-process.js";
import { runWorker } from "../worker/run-worker.js";
import { LOG_LEVELS, withAppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";
import { commandLogger } from "./command-logger.js";
import { listFlag, textFlag, wholeNumberFlag } from "./flags.js";
import type { WorkerArguments } from "./worker-arguments.js";

/** Most processes of one supervisor: far beyond the cores of a machine a typing error is likelier. */
const MAX_WORKERS = 256;

/** Longest time that a timer of Node can hold. */
const MAX_MS = 2_147_483_647;

/** `chicory worker`: runs tasks until a signal, in this process or in several. */
export function workerCommand(
  context: CommandContext,
  end: (exitCode: ExitCode) => void,
): CommandModule<object, WorkerArguments> {
  return {
    command: "worker <app>",
    describe: "Run tasks until a signal",
    builder: (yargs) =>
      withFlags(withAppArguments(yargs))
        .example("$0 worker tasks:app", "All queues of the app's tasks")
        .example("$0 worker tasks:app --queue high=16 --queue low", "Two queues, one with a concurrency of its own")
        .example("$0 worker src/tasks.ts:app --workers 4", "Four processes, restarted when they end")
        .epilogue(
          "Flags win over the app's config object, that over CHICORY_WORKER_* and .env. The first SIGINT or SIGTERM lets\nrunning tasks end, the second stops at once. Exit codes: 0 stopped by a signal, 1 failure, 2 usage or config,\n3 broker unreachable or access refused.",
        ),
    handler: async (args) => {
      const link = childLink();
      if (args.workers === undefined || link !== undefined) end(await runWorker(context, args, link));
      else end(await supervise(context, args, args.workers));
    },
  };
}

function withFlags<T>(yargs: Argv<T>): Argv<T & WorkerArguments> {
  const flag = { type: "string", requiresArg: true } as const;
  const number = { requiresArg: true } as const;
  return yargs
    .option("queue", {
      ...flag,
      describe: "Queue to consume, as NAME or NAME=CONCURRENCY; may be repeated",
      coerce: listFlag,
    })
    .option("concurrency", {
      ...number,
      describe: "Most tasks at once in each queue that has no number of its own",
      coerce: wholeNumberFlag("concurrency", 1),
    })
    .option("workers", {
      ...number,
      describe: "Run this many processes under a supervisor",
      coerce: wholeNumberFlag("workers", 1, MAX_WORKERS),
    })
    .option("shutdown-timeout", {
      ...number,
      describe: "Milliseconds that running tasks may take to end at a stop",
      coerce: wholeNumberFlag("shutdown-timeout", 0, MAX_MS),
    })
    .option("max-deliveries", {
      ...number,
      describe: "Hand-outs without a settlement until a message becomes a dead letter",
      coerce: wholeNumberFlag("max-deliveries", 1),
    })
    .option("name", { ...flag, describe: "Name of the worker in logs and dead letters", coerce: textFlag("name") })
    .option("dlq", { type: "boolean", describe: "Keep what finally fails as dead letters; --no-dlq drops it" })
    .option("look-ahead", {
      type: "boolean",
      describe: "Fetch ahead while tasks end faster than a fetch; --no-look-ahead never holds a waiting message",
    }) as unknown as Argv<T & WorkerArguments>;
}

async function supervise(context: CommandContext, args: WorkerArguments, count: number): Promise<ExitCode> {
  const [script] = process.argv.slice(1);
  if (script === undefined) throw new ConfigError("--workers needs the command's script, and this process has none");
  const logger = commandLogger(context, args, levelOfEnvironment(context));
  const startProcess = (number: number) => new WorkerProcess(number, { script, args: context.args });
  return await new Supervisor({ count, startProcess, logger }).run();
}

/** The supervisor loads no app, so of the places of `worker.logLevel` it knows all but the config object. */
function levelOfEnvironment({ surroundings }: CommandContext): (typeof LOG_LEVELS)[number] {
  const { variables, dotenv } = readEnvironment(surroundings.directory);
  const given = variables.CHICORY_WORKER_LOG_LEVEL ?? dotenv.CHICORY_WORKER_LOG_LEVEL;
  // The processes complain about a value that is none.
  return LOG_LEVELS.find((level) => level === given) ?? "info";
}
