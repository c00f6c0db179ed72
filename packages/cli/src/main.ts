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
    .example("$0 worker tasks:app --queue emails=16", "Run the tasks of the queue emails, 16 at once")
    .example(`$0 send tasks:app add --input '{"a": 1, "b": 2}'`, "Send one")
    .epilogue("Exit codes: 0 ok, 1 failure, 2 usage or config, 3 broker unreachable or access refused")
    // Messages of the command's own are English, and half of a sentence in another language helps nobody.
    .locale("en")
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
      throw refusal(message, error);
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

/** What yargs has to say about the arguments, in the command's words. Errors of handlers pass through here too. */
function refusal(message: string, error: Error | undefined): Error {
  // What a reader of a flag throws arrives as an error of yargs with the same message.
  if (error !== undefined) return error.name === "YError" ? new UsageError(error.message, { cause: error }) : error;
  if (message.startsWith("Not enough non-option")) return new UsageError(MISSING_ARGUMENT);
  const [, unknown] = /^Unknown arguments?: (.*)$/.exec(message) ?? [];
  if (unknown === undefined) return new UsageError(message);
  // A flag with dashes is listed a second time as yargs would name it in camel case.
  const names = unknown.split(", ");
  const typed = names.filter((name) => !names.some((other) => other.includes("-") && camelCase(other) === name));
  return new UsageError(`Unknown argument: ${typed.join(", ")}`);
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
