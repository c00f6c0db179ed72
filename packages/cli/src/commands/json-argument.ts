import type { Argv } from "yargs";

/** Argument of every command that prints data. */
export interface JsonArgument {
  readonly json: boolean | undefined;
}

/** Adds `--json`. */
export function withJson<T>(yargs: Argv<T>): Argv<T & JsonArgument> {
  return yargs.option("json", {
    type: "boolean",
    describe: "Print one JSON document instead of text for people",
  }) as Argv<T & JsonArgument>;
}
