import { createInterface } from "node:readline/promises";
import type { Argv } from "yargs";
import { CommandError, UsageError } from "../errors/command-error.js";
import type { CommandContext } from "./command-context.js";

/** Argument of commands that delete. */
export interface ConfirmationArgument {
  readonly yes: boolean | undefined;
}

/** Adds `--yes`. */
export function withConfirmation<T>(yargs: Argv<T>): Argv<T & ConfirmationArgument> {
  return yargs.option("yes", {
    alias: "y",
    type: "boolean",
    describe: "Do not ask; required where nobody sits at a terminal",
  }) as Argv<T & ConfirmationArgument>;
}

/**
 * Asks before something is deleted. Throws a `UsageError` that asks for `--yes` where nobody can answer, and a
 * `CommandError` if the answer is anything but yes.
 */
export async function confirm(
  { terminal, surroundings }: CommandContext,
  { yes }: ConfirmationArgument,
  question: string,
): Promise<void> {
  if (yes === true) return;
  if (!terminal.isInteractive) throw new UsageError(`${question} Nobody can answer here: add --yes`);
  const reader = createInterface({ input: surroundings.stdin, output: surroundings.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError("Nothing was deleted");
  } finally {
    reader.close();
  }
}
