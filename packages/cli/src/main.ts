import yargs from "yargs";
import type { CommandContext } from "./commands/command-context.js";
import { configCommand } from "./commands/config.js";
import { dlqCommand } from "./commands/dlq/dlq.js";
import { queuesCommand } from "./commands/queues.js";
import { sendCommand } from "./commands/send.js";
import { tasksCommand } from "./commands/tasks.js";
import { workerCommand } from "./commands/worker.js";
import { UsageError } from "./errors/command-error.js";
import { ExitCode } from "./errors/exit-code.js";
import { explain } from "./errors/explain.js";
import { type Surroundings, Terminal } from "./output/terminal.js";
import { version } from "./version.js";

/** Widest help text: beyond this lines are hard to read. */
const MAX_HELP_WIDTH = 110;

/** Runs one command and resolves with its exit code. Never rejects; the caller ends the process. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const terminal = new Terminal(surroundings);
  try {
    const exitCode = await run({ terminal, surroundings, args });
    await terminal.flush();
    return exitCode;
  } catch (error) {
    const { message, exitCode, stack } = explain(error);
    await terminal.note(`${message}\n`);
    if (stack !== undefined && wantsStacks(args)) await terminal.note(`${stack}\n`);
    if (error instanceof UsageError) await terminal.note(HELP_HINT);
    return exitCode;
  }
}

/** Every command takes the app, and `send` the task. */
const MISSING_ARGUMENT =
  "An argument is missing: name the app as module:export, such as tasks:app, and what else the command takes";

const HELP_HINT = "See chicory --help, or --help after a command\n";

async function run(context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.OK;
  let help = "";
  const parser = yargs()
    .scriptName("chicory")
    .usage(
      "$0 <command>\n\nRuns workers, sends tasks, shows queues and dead letters. An app is named by its module and\nexport: tasks:app is the export app of tasks.ts or tasks.js.",
    )
    .command(
      workerCommand(context, (code) => {
        exitCode = code;
      }),
    )
    .command(sendCommand(context))
    .command(queuesCommand(context))
    .command(dlqCommand(context))
    .command(tasksCommand(context))
    .command(configCommand(context))
    .demandCommand(1, "Name a command")
    .epilogue("Exit codes: 0 ok, 1 failure, 2 usage or config, 3 broker unreachable or access refused")
    .strict()
    .parserConfiguration({ "parse-numbers": false, "parse-positional-numbers": false })
    .version(version())
    .alias("version", "v")
    .help()
    .alias("help", "h")
    .wrap(Math.min(MAX_HELP_WIDTH, context.surroundings.stdout.columns ?? MAX_HELP_WIDTH))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error ?? new UsageError(message.startsWith("Not enough") ? MISSING_ARGUMENT : message);
    });
  await parser.parseAsync([...context.args], {}, (_error, _argv, output) => {
    help = output;
  });
  // Help and version: asked for, so they are the command's data.
  if (help !== "") await context.terminal.print(`${help}\n`);
  return exitCode;
}

function wantsStacks(args: readonly string[]): boolean {
  return args.some(
    (arg, index) => arg === "--log-level=debug" || (arg === "--log-level" && args[index + 1] === "debug"),
  );
}
