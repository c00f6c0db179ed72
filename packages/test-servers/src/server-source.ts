import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { ServerSource } from "./managed-server.js";
import { TestServerError } from "./test-server-error.js";

/** A Docker client without an engine may hang; a working one answers in well under a second. */
const DOCKER_DEADLINE_MS = 10_000;

/** What {@link chooseSource} chooses from. */
export interface SourceQuestion {
  readonly product: string;
  /** The environment variable that may hold the URL of a server. */
  readonly variable: string;
  /** Whether the test asks for a server of its own making (a password, TLS...), which one given by URL is not. */
  readonly needsOwnServer: boolean;
  /** The environment variable that may name the program to start, as a path: another version than the installed one. */
  readonly programVariable: string;
  /** Where the server's program may be; a bare name is looked up in PATH. */
  readonly binaries: readonly string[];
  /** The Debian package, for the advice in the error. */
  readonly debianPackage: string;
}

/** The source that was chosen, with what is needed to use it. */
export type ChosenSource =
  | { readonly source: Extract<ServerSource, "url">; readonly url: string }
  | { readonly source: Extract<ServerSource, "docker"> }
  | { readonly source: Extract<ServerSource, "local">; readonly binary: string };

/**
 * A server by URL, else the program that a variable names, else Docker if its engine answers, else a local program;
 * CHICORY_TEST_SERVERS=docker or =local leaves only that one.
 */
export async function chooseSource(question: SourceQuestion): Promise<ChosenSource> {
  const { product, variable, programVariable, needsOwnServer, binaries, debianPackage } = question;
  const only = process.env.CHICORY_TEST_SERVERS;
  const url = process.env[variable];
  if (url && !only && !needsOwnServer) return { source: "url", url };
  const named = only === "docker" ? undefined : await namedProgram(programVariable);
  if (named) return { source: "local", binary: named };
  if (only !== "local" && (await dockerAnswers())) return { source: "docker" };
  const binary = only === "docker" ? undefined : await findBinary(binaries);
  if (binary) return { source: "local", binary };
  throw new TestServerError(
    `Found no ${product} to test with. Set ${variable} to the URL of a server, or start Docker, ` +
      `or install the server: apt-get install ${debianPackage}`,
  );
}

/** The program that an environment variable names; undefined if it is not set. Rejects if there is none at that path. */
export async function namedProgram(variable: string): Promise<string | undefined> {
  const path = process.env[variable];
  if (!path) return undefined;
  const program = await findBinary([path]);
  if (program === undefined) {
    throw new TestServerError(`${variable} is ${path}, which is no program: set it to one, or unset it`);
  }
  return program;
}

/** The first of the programs that exists and may be run. */
export async function findBinary(candidates: readonly string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const paths = candidates.flatMap((name) =>
    name.includes("/") ? [name] : folders.map((folder) => join(folder, name)),
  );
  for (const path of paths) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here; the next place may have it.
    }
  }
  return undefined;
}

let dockerAnswer: Promise<boolean> | undefined;

/** Asked once a process: an engine that appears in mid-run is of no interest. */
function dockerAnswers(): Promise<boolean> {
  dockerAnswer ??= new Promise((resolve) => {
    execFile("docker", ["info"], { timeout: DOCKER_DEADLINE_MS }, (error) => resolve(error === null));
  });
  return dockerAnswer;
}
