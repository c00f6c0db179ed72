import type { CommandModule } from "yargs";
import type { CommandContext } from "../command-context.js";
import { listCommand } from "./list.js";
import { purgeCommand } from "./purge.js";
import { removeCommand } from "./remove.js";
import { replayCommand } from "./replay.js";
import { showCommand } from "./show.js";
import { summaryCommand } from "./summary.js";

/** `chicory dlq`: the commands about dead letters. */
export function dlqCommand(context: CommandContext): CommandModule {
  return {
    command: "dlq",
    describe: "Look at dead letters, replay or delete them",
    builder: (yargs) =>
      yargs
        .command(listCommand(context))
        .command(showCommand(context))
        .command(summaryCommand(context))
        .command(replayCommand(context))
        .command(removeCommand(context))
        .command(purgeCommand(context))
        .demandCommand(1, "Name what to do: list, show, summary, replay, remove or purge"),
    handler: () => undefined,
  };
}
