import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type RedisServer, type RedisServerOptions, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll } from "@jest/globals";
import { Command, type CommandOptions, type Ended, run } from "../command.js";
import { installedProject, writeFiles } from "../installed-project.js";

/** The first caller waits for packing and installing. */
const SETUP_TIMEOUT_MS = 600_000;

/** tsx, which users run their TypeScript programs with; it is no dependency of Chicory's. */
const tsxLoader = createRequire(new URL("../../package.json", import.meta.url)).resolve("tsx");

/** A folder in a user's project, with a Redis and keys of its own. */
export interface System {
  readonly redis: RedisServer;
  /** The project, with the packages installed. */
  readonly project: string;
  /** A folder in it that only this test file uses. */
  readonly folder: string;
  /** What users set to reach the server. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes files below the folder. */
  write(files: Readonly<Record<string, string | object>>): Promise<void>;
  /** For `node --import`, where a program in TypeScript is to run beside the test. */
  readonly tsx: string;
  /** `node program`, TypeScript or not, to its end. */
  node(program: string, ...args: string[]): Promise<Ended>;
  /** The `chicory` command, to its end. */
  chicory(...args: string[]): Promise<Ended>;
  /** The `chicory` command, running; it is killed after the test. */
  start(args: readonly string[], options?: Partial<CommandOptions>): Command;
  /** A program of the system's, running; it is killed after the test. */
  startProgram(program: string, args: readonly string[], options?: Partial<CommandOptions>): Command;
  /** The lines of a file below the folder; none if it is not there. */
  lines(file: string): Promise<readonly string[]>;
}

/** Starts a Redis and makes a folder for a test file, and ends what its tests started. */
export function useSystem(options: RedisServerOptions = {}): System {
  const commands: Command[] = [];
  let redis: RedisServer | undefined;
  let project = "";
  let folder = "";
  const present = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the system is there once beforeAll has run");
    return value;
  };

  beforeAll(async () => {
    [project, redis] = await Promise.all([installedProject(), startRedis(options)]);
    folder = join(project, `folder-${randomUUID().slice(0, 8)}`);
    await mkdir(folder);
  }, SETUP_TIMEOUT_MS);
  afterEach(async () => {
    await Promise.all(commands.splice(0).map((command) => command.kill()));
  });
  afterAll(async () => {
    await redis?.stop();
  });

  const system: System = {
    get redis() {
      return present(redis);
    },
    get project() {
      return project;
    },
    get folder() {
      return folder;
    },
    get env() {
      return { CHICORY_BROKER_REDIS_URL: present(redis).url, CHICORY_BROKER_REDIS_KEY_PREFIX: keyPrefix(folder) };
    },
    tsx: tsxLoader,
    write: (files) => writeFiles(folder, files),
    node: (program, ...args) =>
      run(process.execPath, ["--import", tsxLoader, program, ...args], { cwd: folder, env: system.env }),
    chicory: (...args) => run(process.execPath, [bin(project), ...args], { cwd: folder, env: system.env }),
    start: (args, options = {}) => system.startProgram(process.execPath, [bin(project), ...args], options),
    startProgram: (program, args, options = {}) => {
      const env = { ...system.env, ...options.env };
      const command = new Command(program, args, { cwd: folder, ...options, env });
      commands.push(command);
      return command;
    },
    lines: async (file) => {
      const text = await readFile(join(folder, file), "utf8").catch(() => "");
      return text.split("\n").filter((line) => line !== "");
    },
  };
  return system;
}

function keyPrefix(folder: string): string {
  return `e2e:${folder.slice(-8)}`;
}

function bin(project: string): string {
  return join(project, "node_modules", ".bin", "chicory");
}
