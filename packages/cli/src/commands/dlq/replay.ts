import type { DeadLetters } from "@chicory/core";
import type { CommandModule } from "yargs";
import { UsageError } from "../../errors/command-error.js";
import type { CommandContext } from "../command-context.js";
import { listFlag, positiveNumberFlag, wholeNumberFlag } from "../flags.js";
import { withApp } from "../with-app.js";
import { type QueueArguments, withQueueArguments } from "./queue-argument.js";

/** What `chicory dlq replay --json` prints. */
export interface ReplayDocument {
  readonly queue: string;
  readonly replayed: number;
}

interface ReplayArguments extends QueueArguments {
  readonly id: readonly string[] | undefined;
  readonly limit: number | undefined;
  readonly rate: number | undefined;
}

/** Letters per request while the ids of the oldest ones are gathered. */
const PAGE_SIZE = 100;

/** Most letters that `--limit` may name: their ids are gathered before the first is replayed. */
const MAX_LIMIT = 100_000;

/** `chicory dlq replay`: puts dead letters back into their queue with a fresh set of attempts. */
export function replayCommand(context: CommandContext): CommandModule<object, ReplayArguments> {
  return {
    command: "replay <app>",
    describe: "Put dead letters back into their queue, all of them or some",
    builder: (yargs) =>
      withQueueArguments(yargs)
        .option("id", {
          type: "string",
          requiresArg: true,
          describe: "Only this letter; may be repeated",
          coerce: listFlag,
        })
        .option("limit", {
          requiresArg: true,
          describe: "Only this many, the oldest first",
          coerce: wholeNumberFlag("limit", 1, MAX_LIMIT),
        })
        .option("rate", {
          requiresArg: true,
          describe: "Most letters per second",
          coerce: positiveNumberFlag("rate"),
        })
        .example("$0 dlq replay tasks:app --queue emails --rate 50", "All of them, 50 a second")
        .example("$0 dlq replay tasks:app --queue emails --id A --id B", "Two of them"),
    handler: async (args) => {
      const { queue, id, limit, rate } = args;
      if (id !== undefined && limit !== undefined)
        throw new UsageError("--id and --limit exclude each other: give one");
      await withApp(context, args, async (app) => {
        const letters = app.broker.deadLetters(queue);
        const ids = limit === undefined ? id : await oldest(letters, limit);
        const replayed = await letters.replay({
          ...(ids === undefined ? {} : { ids }),
          ...(rate === undefined ? {} : { ratePerSecond: rate }),
        });
        if (args.json) await context.terminal.printJson({ queue, replayed } satisfies ReplayDocument);
        else await context.terminal.print(`Replayed ${replayed} dead letters of queue ${queue}\n`);
      });
    },
  };
}

async function oldest(letters: DeadLetters, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const limit = Math.min(PAGE_SIZE, count - ids.length);
    const page = await letters.list(after === undefined ? { limit } : { limit, after });
    ids.push(...page.letters.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined && ids.length < count);
  return ids;
}
