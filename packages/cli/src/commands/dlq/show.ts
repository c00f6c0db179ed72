import type { ErrorRecord, StoredDeadLetter } from "@chicory/core";
import type { CommandModule } from "yargs";
import { CommandError } from "../../errors/command-error.js";
import { redactUrls } from "../../errors/redact.js";
import { manyLines, oneLine } from "../../output/plain-text.js";
import type { CommandContext } from "../command-context.js";
import { textFlag } from "../flags.js";
import { withApp } from "../with-app.js";
import { type DeadLetterEntry, showError, showTime, toEntry } from "./dead-letter-entry.js";
import { type DeadLetterBody, toBody } from "./letter-body.js";
import { type QueueArguments, withQueueArguments } from "./queue-argument.js";

/** What `chicory dlq show --json` prints. */
export interface DeadLetterDocument extends Omit<DeadLetterEntry, "error"> {
  readonly queue: string;
  readonly error: ErrorRecord | null;
  /** The original body: as text if it is valid UTF-8, else in base64. */
  readonly body: DeadLetterBody;
}

interface ShowArguments extends QueueArguments {
  readonly id: string;
}

/** `chicory dlq show`: one dead letter with its error and its body, byte for byte. */
export function showCommand(context: CommandContext): CommandModule<object, ShowArguments> {
  return {
    command: "show <app>",
    describe: "Show one dead letter with its error and its body",
    builder: (yargs) =>
      withQueueArguments(yargs)
        .option("id", {
          type: "string",
          requiresArg: true,
          demandOption: true,
          describe: "Id of the letter, as dlq list shows it",
          coerce: textFlag("id"),
        })
        .example("$0 dlq show tasks:app --queue emails --id 1700000000000-0", "Everything about one letter"),
    handler: async (args) => {
      await withApp(context, args, async (app) => {
        const letter = await app.broker.deadLetters(args.queue).get(args.id);
        if (letter === undefined) {
          throw new CommandError(
            `Queue ${args.queue} has no dead letter ${args.id}: chicory dlq list shows those that it has`,
          );
        }
        const document = toDocument(args.queue, letter);
        if (args.json) await context.terminal.printJson(document);
        else await context.terminal.print(render(document));
      });
    },
  };
}

function toDocument(queue: string, letter: StoredDeadLetter): DeadLetterDocument {
  const { id, error, ...entry } = toEntry(letter);
  const stack = letter.record.error?.stack;
  return {
    queue,
    id,
    ...entry,
    error: error === null ? null : { ...error, ...(stack === undefined ? {} : { stack: redactUrls(stack) }) },
    body: toBody(letter.body),
  };
}

function render(letter: DeadLetterDocument): string {
  const { error, body } = letter;
  const time = (value: number | null) => (value === null ? "" : showTime(value));
  const lines: readonly (readonly [string, string])[] = [
    ["id", letter.id],
    ["queue", letter.queue],
    ["task", letter.taskName ?? ""],
    ["task id", letter.taskId ?? ""],
    ["reason", letter.reason],
    ["attempts", String(letter.attempts)],
    ["deliveries", String(letter.deliveryCount)],
    ["sent at", time(letter.enqueuedAt)],
    ["first failed at", time(letter.firstFailureAt)],
    ["failed at", time(letter.failedAt)],
    ["worker", letter.worker ?? ""],
    ["error", showError(error)],
  ];
  const known = lines.filter(([, value]) => value !== "");
  const stack = error?.stack === undefined ? "" : `\n${manyLines(error.stack)}\n`;
  return `${known.map(([name, value]) => `${name.padEnd(16)}${oneLine(value)}\n`).join("")}${stack}\nbody (${body.bytes} bytes, ${body.encoding})\n${manyLines(body.content)}\n`;
}
