import type { Logger } from "@chicory/core";
import type { Level } from "../logging/record.js";
import { streamLogger } from "../logging/stream-logger.js";
import { painter, usesColor } from "../output/color.js";
import type { AppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";

/** A logger on stderr as the flags ask for; at `level` if they say nothing. */
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
