import type { Broker, QueueDepth } from "@chicory/core";
import type { CommandModule } from "yargs";
import { queueTable } from "../output/queue-table.js";
import { type AppArguments, withAppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";
import { type JsonArgument, withJson } from "./json-argument.js";
import { withApp } from "./with-app.js";

/** What `chicory queues --json` prints. */
export interface QueuesDocument {
  /**
   * Sorted by name: the queues of the broker, and those of the app's tasks that do not exist yet. A count that the
   * broker cannot tell is left out.
   */
  readonly queues: readonly QueueDepth[];
}

/** Queues whose depth is asked for at once. */
const BATCH = 16;

/** `chicory queues`: how many messages each queue holds. */
export function queuesCommand(context: CommandContext): CommandModule<object, AppArguments & JsonArgument> {
  return {
    command: "queues <app>",
    describe: "Show how many messages each queue holds",
    builder: (yargs) =>
      withJson(withAppArguments(yargs))
        .example("$0 queues tasks:app", "A table of all queues")
        .example("$0 queues tasks:app --json", "The same for programs"),
    handler: async (args) => {
      await withApp(context, args, async (app) => {
        const names = [...new Set([...(await app.broker.queues()), ...app.tasks.queues()])].sort();
        const queues = await depths(app.broker, names);
        if (args.json) await context.terminal.printJson({ queues } satisfies QueuesDocument);
        else await context.terminal.print(queueTable(queues, context.terminal.paint));
      });
    },
  };
}

async function depths(broker: Broker, names: readonly string[]): Promise<readonly QueueDepth[]> {
  const all: QueueDepth[] = [];
  for (let start = 0; start < names.length; start += BATCH) {
    all.push(...(await Promise.all(names.slice(start, start + BATCH).map((name) => broker.depth(name)))));
  }
  // Only what is documented, whatever else a driver may return.
  return all.map(({ queue, ready, delayed, inFlight, deadLetters }) => ({
    queue,
    ready,
    delayed,
    inFlight,
    deadLetters,
  }));
}
