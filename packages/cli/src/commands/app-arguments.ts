import type { Argv } from "yargs";
import { LEVELS, type Level } from "../logging/record.js";
import { LOG_FORMATS, type LogFormat } from "../logging/stream-logger.js";
import { choiceFlag } from "./flags.js";

/** Levels that `--log-level` takes. */
export const LOG_LEVELS = [...LEVELS, "silent"] as const;

/** Arguments of every command that has an app. */
export interface AppArguments {
  /** As it was typed: `tasks:app`. */
  readonly app: string;
  readonly logLevel: Level | "silent" | undefined;
  readonly logFormat: LogFormat | undefined;
}

/** Adds the positional `tasks:app` and the flags of the log. */
export function withAppArguments<T>(yargs: Argv<T>): Argv<T & AppArguments> {
  // yargs adds the names in camel case, of which its types know nothing.
  return yargs
    .positional("app", { type: "string", demandOption: true, describe: "Module and export of the app: tasks:app" })
    .option("log-level", {
      type: "string",
      requiresArg: true,
      describe: `Least severe log lines: ${LOG_LEVELS.join(", ")}`,
      coerce: choiceFlag("log-level", LOG_LEVELS),
    })
    .option("log-format", {
      type: "string",
      requiresArg: true,
      describe: `How log lines look: ${LOG_FORMATS.join(", ")}`,
      coerce: choiceFlag("log-format", LOG_FORMATS),
    }) as unknown as Argv<T & AppArguments>;
}
