import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ConfigError } from "../errors/config-error.js";

/** Where text values come from: the process's environment, then the `.env` file of its working directory. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly dotenv: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the environment as it is now. `.env` is read from the working directory only, never written into
 * `process.env`, and a variable that is set wins over it.
 */
export function readEnvironment(directory: string = process.cwd()): Environment {
  return { variables: process.env, dotenv: readDotenv(join(directory, ".env")) };
}

function readDotenv(path: string): Readonly<Record<string, string | undefined>> {
  if (!existsSync(path)) return {};
  try {
    return parseEnv(readFileSync(path, "utf8")) as Record<string, string | undefined>;
  } catch (cause) {
    throw new ConfigError(`The file ${path} cannot be read: make it readable, or remove it`, { cause });
  }
}
