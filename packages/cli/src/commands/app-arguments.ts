import type { Chicory, Logger } from "@chicory/core";
import type { Argv } from "yargs";
import { loadApp } from "../app/load-app.js";
import { LEVELS, type Level } from "../logging/record.js";
import { LOG_FORMATS, type LogFormat, streamLogger } from "../logging/stream-logger.js";
import { painter, usesColor } from "../output/color.js";
import type { CommandContext } from "./command-context.js";
import { choiceFlag } from "./flags.js";

/** Levels that `--log-level` takes. */
export const LOG_LEVELS = [...LEVELS, "silent"] as const;

/** Arguments of every command that has an app. */
export interface AppArguments {
  readonly app: string;
  readonly logLevel: Level | "silent" | undefined;
  readonly logFormat: LogFormat | undefined;
}

/** Longest time until the broker answers the first time. */
const CONNECT_DEADLINE_MS = 10_000;

/** Adds the positional `tasks:app` and the flags of the log. */
export function withAppArguments<T>(yargs: Argv<T>): Argv<T & AppArguments> {
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

/** A logger on stderr as the arguments ask for, or at `level` if they say nothing. */
export function commandLogger(
  { surroundings }: CommandContext,
  { logLevel, logFormat }: AppArguments,
  level: Level | "silent",
): Logger {
  const { stderr, env } = surroundings;
  return streamLogger({
    stream: stderr,
    level: logLevel ?? level,
    format: logFormat ?? "pretty",
    paint: painter(usesColor({ env, isTerminal: stderr.isTTY === true })),
  });
}

/** Connects an app, or fails within seconds: somebody waits at a terminal. */
export async function connect(app: Chicory): Promise<void> {
  await app.connect(AbortSignal.timeout(CONNECT_DEADLINE_MS));
}

/** Loads the app, connects it, runs `action` with it and closes it, however that ends. */
export async function withApp(
  context: CommandContext,
  args: AppArguments,
  action: (app: Chicory) => Promise<void>,
): Promise<void> {
  const { app } = await loadApp(args.app, context.surroundings.directory);
  app.useLogger(commandLogger(context, args, "warn"));
  try {
    await connect(app);
    await action(app);
  } finally {
    await app.close();
  }
}
