import type { CommandModule } from "yargs";
import { cut } from "../../output/plain-text.js";
import { table } from "../../output/table.js";
import type { CommandContext } from "../command-context.js";
import { textFlag, wholeNumberFlag } from "../flags.js";
import { withApp } from "../with-app.js";
import { type DeadLetterEntry, showError, showTime, toEntry } from "./dead-letter-entry.js";
import { type QueueArguments, withQueueArguments } from "./queue-argument.js";

/** What `chicory dlq list --json` prints. */
export interface DeadLettersDocument {
  readonly queue: string;
  /** Oldest first. */
  readonly deadLetters: readonly DeadLetterEntry[];
  /** Value of `--after` for the following page; null on the last one. */
  readonly next: string | null;
}

interface ListArguments extends QueueArguments {
  readonly limit: number | undefined;
  readonly after: string | undefined;
}

const DEFAULT_LIMIT = 20;

/** Most letters of one page: more than anybody reads, and a bounded answer of the broker. */
const MAX_LIMIT = 1_000;

/** Longest error in the table; `dlq show` prints it whole. */
const MAX_ERROR_LENGTH = 80;

/** `chicory dlq list`: a page of a queue's dead letters, without their bodies. */
export function listCommand(context: CommandContext): CommandModule<object, ListArguments> {
  return {
    command: "list <app>",
    describe: "List dead letters, oldest first",
    builder: (yargs) =>
      withQueueArguments(yargs)
        .option("limit", {
          requiresArg: true,
          describe: `Most letters to list; ${DEFAULT_LIMIT} if not given`,
          coerce: wholeNumberFlag("limit", 1, MAX_LIMIT),
        })
        .option("after", {
          type: "string",
          requiresArg: true,
          describe: "Where the page before ended, as it said",
          coerce: textFlag("after"),
        })
        .example("$0 dlq list tasks:app --queue emails", "The oldest dead letters of the queue emails"),
    handler: async (args) => {
      await withApp(context, args, async (app) => {
        const { limit = DEFAULT_LIMIT, after } = args;
        const page = await app.broker
          .deadLetters(args.queue)
          .list({ limit, ...(after === undefined ? {} : { after }) });
        const deadLetters = page.letters.map(toEntry);
        const document: DeadLettersDocument = { queue: args.queue, deadLetters, next: page.next ?? null };
        if (args.json) await context.terminal.printJson(document);
        else await render(document, context);
      });
    },
  };
}

async function render({ queue, deadLetters, next }: DeadLettersDocument, { terminal }: CommandContext): Promise<void> {
  if (deadLetters.length === 0) {
    await terminal.print(`There are no dead letters of queue ${queue}.\n`);
    return;
  }
  const columns = [
    { title: "id" },
    { title: "task" },
    { title: "reason" },
    { title: "failed at" },
    { title: "attempts", align: "right" },
    { title: "error" },
  ] as const;
  const rows = deadLetters.map((letter) => [
    letter.id,
    letter.taskName ?? "(unknown)",
    letter.reason,
    showTime(letter.failedAt),
    String(letter.attempts),
    cut(showError(letter.error), MAX_ERROR_LENGTH),
  ]);
  await terminal.print(table(columns, rows, terminal.paint));
  if (next !== null) await terminal.note(`More with --after ${next}\n`);
}
