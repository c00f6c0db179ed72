import type { CommandModule } from "yargs";
import type { CommandContext } from "../command-context.js";
import { type ConfirmationArgument, confirm, withConfirmation } from "../confirmation.js";
import { listFlag } from "../flags.js";
import { withApp } from "../with-app.js";
import { type QueueArguments, withQueueArguments } from "./queue-argument.js";

/** What `chicory dlq remove --json` and `chicory dlq purge --json` print. */
export interface RemovedDocument {
  readonly queue: string;
  readonly removed: number;
}

interface RemoveArguments extends QueueArguments, ConfirmationArgument {
  readonly id: readonly string[];
}

/** `chicory dlq remove`: deletes the dead letters that it names. */
export function removeCommand(context: CommandContext): CommandModule<object, RemoveArguments> {
  return {
    command: "remove <app>",
    describe: "Delete some dead letters",
    builder: (yargs) =>
      withConfirmation(withQueueArguments(yargs))
        .option("id", {
          type: "string",
          requiresArg: true,
          demandOption: true,
          describe: "Id of a letter; may be repeated",
          coerce: listFlag,
        })
        .example("$0 dlq remove tasks:app --queue emails --id A --yes", "Delete one letter"),
    handler: async (args) => {
      const { queue, id } = args;
      await confirm(context, args, `Delete ${id.length} dead letters of queue ${queue} for good?`);
      await withApp(context, args, async (app) => {
        const removed = await app.broker.deadLetters(queue).remove(id);
        if (args.json) await context.terminal.printJson({ queue, removed } satisfies RemovedDocument);
        else await context.terminal.print(`Deleted ${removed} dead letters of queue ${queue}\n`);
      });
    },
  };
}
