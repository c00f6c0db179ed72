import { type Chicory, type SendOptions, Task } from "@chicory/core";
import type { Argv, CommandModule } from "yargs";
import { UsageError } from "../errors/command-error.js";
import { type AppArguments, withAppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";
import { headersFlag, priorityFlag, queueFlag, textFlag, timeFlag, wholeNumberFlag } from "./flags.js";
import { type JsonArgument, withJson } from "./json-argument.js";
import { readTaskInput } from "./task-input.js";
import { withApp } from "./with-app.js";

/** What `chicory send --json` prints. */
export interface SentDocument {
  readonly id: string;
  readonly queue: string;
}

/** Arguments of `chicory send`. */
interface SendArguments extends AppArguments, JsonArgument {
  readonly task: string;
  readonly input: string | undefined;
  readonly inputFile: string | undefined;
  readonly queue: string | undefined;
  readonly priority: number | undefined;
  readonly delay: number | undefined;
  readonly eta: Date | undefined;
  readonly id: string | undefined;
  readonly dedupe: number | undefined;
  readonly header: Readonly<Record<string, string>> | undefined;
}

/** `chicory send`: sends one task, validated by its schema as in code. */
export function sendCommand(context: CommandContext): CommandModule<object, SendArguments> {
  return {
    command: "send <app> <task>",
    describe: "Send a task",
    builder: (yargs) =>
      withFlags(withJson(withAppArguments(yargs)))
        .example(`$0 send tasks:app add --input '{"a": 1, "b": 2}'`, "Send a task to its queue")
        .example("$0 send tasks:app report --input-file report.json --delay 60000", "In a minute")
        .example("cat report.json | $0 send tasks:app report --input-file -", "From another program"),
    handler: async (args) => {
      const input = await readTaskInput(args, context.surroundings);
      await withApp(context, args, async (app) => {
        const sent = await findTask(app, args.task).send(input, toOptions(args));
        const document: SentDocument = { id: sent.id, queue: sent.queue };
        if (args.json) await context.terminal.printJson(document);
        else await context.terminal.print(`Sent ${args.task} to queue ${sent.queue} with id ${sent.id}\n`);
      });
    },
  };
}

function withFlags(yargs: Argv<AppArguments & JsonArgument>): Argv<SendArguments> {
  const flag = { type: "string", requiresArg: true } as const;
  const number = { requiresArg: true } as const;
  return yargs
    .positional("task", { type: "string", demandOption: true, describe: "Name of the task" })
    .option("input", { ...flag, describe: "Input as JSON", coerce: textFlag("input") })
    .option("input-file", {
      ...flag,
      describe: "File with the input as JSON; - is stdin",
      coerce: textFlag("input-file"),
    })
    .option("queue", { ...flag, describe: "Queue, instead of the task's own", coerce: queueFlag("queue") })
    .option("priority", { ...number, describe: "0 to 9, higher first", coerce: priorityFlag })
    .option("delay", {
      ...number,
      describe: "Execute after this many milliseconds",
      coerce: wholeNumberFlag("delay", 0),
    })
    .option("eta", { ...flag, describe: "Do not execute before this time (ISO 8601)", coerce: timeFlag("eta") })
    .option("id", { ...flag, describe: "Id of the message, instead of a random one", coerce: textFlag("id") })
    .option("dedupe", {
      ...number,
      describe: "Store nothing if the same --id was sent within this many milliseconds",
      coerce: wholeNumberFlag("dedupe", 1),
    })
    .option("header", { ...flag, describe: "Header as key=value; may be repeated", coerce: headersFlag("header") })
    .conflicts("input", "input-file")
    .conflicts("delay", "eta") as unknown as Argv<SendArguments>;
}

function findTask(app: Chicory, name: string): Task<unknown> {
  const definition = app.tasks.get(name);
  if (definition !== undefined) return new Task(definition, app.broker);
  const names = app.tasks.all().map((task) => task.name);
  throw new UsageError(
    `The app has no task "${name}": ${names.length === 0 ? "it defines none" : `its tasks are ${names.join(", ")}`}`,
  );
}

function toOptions({ queue, priority, delay, eta, id, dedupe, header }: SendArguments): SendOptions {
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(eta === undefined ? {} : { eta }),
    ...(id === undefined ? {} : { id }),
    ...(dedupe === undefined ? {} : { dedupeMs: dedupe }),
    ...(header === undefined ? {} : { headers: header }),
  };
}
