import type { CommandModule } from "yargs";
import type { CommandContext } from "../command-context.js";
import { type ConfirmationArgument, confirm, withConfirmation } from "../confirmation.js";
import { withApp } from "../with-app.js";
import { type QueueArguments, withQueueArguments } from "./queue-argument.js";
import type { RemovedDocument } from "./remove.js";

type PurgeArguments = QueueArguments & ConfirmationArgument;

/** `chicory dlq purge`: deletes every dead letter of a queue. */
export function purgeCommand(context: CommandContext): CommandModule<object, PurgeArguments> {
  return {
    command: "purge <app>",
    describe: "Delete every dead letter of a queue",
    builder: (yargs) =>
      withConfirmation(withQueueArguments(yargs)).example(
        "$0 dlq purge tasks:app --queue emails --yes",
        "Delete them without a question",
      ),
    handler: async (args) => {
      const { queue } = args;
      await confirm(context, args, `Delete every dead letter of queue ${queue} for good?`);
      await withApp(context, args, async (app) => {
        const removed = await app.broker.deadLetters(queue).purge();
        if (args.json) await context.terminal.printJson({ queue, removed } satisfies RemovedDocument);
        else await context.terminal.print(`Deleted ${removed} dead letters of queue ${queue}\n`);
      });
    },
  };
}
