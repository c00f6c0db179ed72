import { relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { type Chicory, ChicoryError } from "@chicory/core";
import { CommandError } from "../errors/command-error.js";
import { parseAppReference } from "./app-reference.js";
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
  if (/\.(?:[cm]?ts|tsx)$/.test(path)) await understandTypeScript();
  const shown = relative(directory, path);
  const exported = await importModule(path, shown.startsWith(`..${sep}`) ? path : shown);
  return { app: pickApp(exported, reference), path };
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
    throw new CommandError(`${shown} throws while it is loaded: ${describe(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `a value that is no Error (${typeof error})`;
  const place = error instanceof SyntaxError ? syntaxErrorPlace(error) : undefined;
  const advice = error instanceof SyntaxError && /\.[cm]?tsx?\b/.test(place ?? error.message) ? TYPESCRIPT_ADVICE : "";
  return `${error.name}: ${error.message}${place === undefined ? "" : ` (${place})`}${advice}`;
}

const TYPESCRIPT_ADVICE =
  "; TypeScript with decorators or namespaces needs a build, or NODE_OPTIONS=--import=tsx with tsx installed";

/** V8 tells the place of a syntax error only in the first line of the stack. */
function syntaxErrorPlace(error: SyntaxError): string | undefined {
  const line = error.stack?.split("\n")[0] ?? "";
  return /^(?:file:\/\/)?(\/.*|[A-Za-z]:[\\/].*):\d+$/.test(line) ? line.replace(/^file:\/\//, "") : undefined;
}
