import type { Argv } from "yargs";
import { type AppArguments, withAppArguments } from "../app-arguments.js";
import { queueFlag } from "../flags.js";
import { type JsonArgument, withJson } from "../json-argument.js";

/** Arguments of every command about the dead letters of a queue. */
export interface QueueArguments extends AppArguments, JsonArgument {
  readonly queue: string;
}

/** Adds the app, `--json` and `--queue`, which is required: dead letters are never touched by accident. */
export function withQueueArguments<T>(yargs: Argv<T>): Argv<T & QueueArguments> {
  return withJson(withAppArguments(yargs)).option("queue", {
    type: "string",
    requiresArg: true,
    demandOption: true,
    describe: "Queue that the letters came from",
    coerce: queueFlag("queue"),
  }) as unknown as Argv<T & QueueArguments>;
}
