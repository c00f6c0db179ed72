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
 * A server by URL, else Docker if its engine answers, else a local program; CHICORY_TEST_SERVERS=docker or =local
 * leaves only that one.
 */
export async function chooseSource(question: SourceQuestion): Promise<ChosenSource> {
  const { product, variable, needsOwnServer, binaries, debianPackage } = question;
  const only = process.env.CHICORY_TEST_SERVERS;
  const url = process.env[variable];
  if (url && !only && !needsOwnServer) return { source: "url", url };
  if (only !== "local" && (await dockerAnswers())) return { source: "docker" };
  const binary = only === "docker" ? undefined : await findBinary(binaries);
  if (binary) return { source: "local", binary };
  throw new TestServerError(
    `Found no ${product} to test with. Set ${variable} to the URL of a server, or start Docker, ` +
      `or install the server: apt-get install ${debianPackage}`,
  );
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
