import { relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { type Chicory, ChicoryError } from "@chicory/core";
import { CommandError } from "../errors/command-error.js";
import { parseAppReference } from "./app-reference.js";
import { describeLoadError } from "./load-error.js";
import { locateModule } from "./locate-module.js";
import { pickApp } from "./pick-app.js";

/** Longest time until a module has loaded; top-level await that takes longer will hardly end. */
const LOAD_DEADLINE_MS = 60_000;

/** An app and the file that it came from. */
export interface LoadedApp {
  readonly app: Chicory;
  /** Absolute path of the module. */
  readonly path: string;
}

/**
 * Loads the app that `tasks:app` names, as seen from a directory. Throws a `UsageError` if there is no such module or
 * no app in it, a `CommandError` if the module throws while it is loaded, and what Chicory itself threw there
 * (a config value that is not acceptable, say) as it is.
 */
export async function loadApp(text: string, directory: string): Promise<LoadedApp> {
  const reference = parseAppReference(text);
  const path = locateModule(reference.module, directory);
  if (isTypeScript(path)) await understandTypeScript();
  const shown = relative(directory, path);
  const exported = await importModule(path, shown.startsWith(`..${sep}`) ? path : shown);
  return { app: pickApp(exported, reference), path };
}

function isTypeScript(path: string): boolean {
  return /\.(?:[cm]?ts|tsx)$/.test(path);
}

/** Loaded on demand: apps in JavaScript need not wait for a transpiler. */
async function understandTypeScript(): Promise<void> {
  const { registerTypeScript } = await import("../typescript/register.js");
  registerTypeScript();
}

async function importModule(path: string, shown: string): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  // Not unreferenced: a module that waits for nothing would else end the process in silence.
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const seconds = LOAD_DEADLINE_MS / 1_000;
      reject(
        new CommandError(`${shown} was not loaded within ${seconds} seconds: what it awaits at top level does not end`),
      );
    }, LOAD_DEADLINE_MS);
  });
  try {
    return (await Promise.race([import(pathToFileURL(path).href), tooLong])) as object;
  } catch (error) {
    if (error instanceof CommandError || error instanceof ChicoryError) throw error;
    throw new CommandError(`${shown} throws while it is loaded: ${describeLoadError(error, isTypeScript(path))}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
