import type { Chicory } from "@chicory/core";
import { connect } from "../app/connect.js";
import { loadApp } from "../app/load-app.js";
import type { AppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";
import { commandLogger } from "./command-logger.js";

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
