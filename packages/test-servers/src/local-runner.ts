import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.js";
import type { ServerRunner } from "./server-runner.js";
import { TestServerError } from "./test-server-error.js";
import { startWatchdog, type Watchdog } from "./watchdog.js";

/** A server that has not ended this long after SIGTERM hangs. */
const TERMINATE_DEADLINE_MS = 60_000;
const KILL_DEADLINE_MS = 20_000;

/** The command of a {@link LocalRunner}. */
export interface LocalCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of the server's own: log and data (in its `data` subfolder) live there, and it is removed at the end. */
  readonly folder: string;
}

/** Runs a server as a child process that leads its own process group, and that never outlives this process. */
export class LocalRunner implements ServerRunner {
  readonly host = "127.0.0.1";
  readonly #command: LocalCommand;
  readonly #logFile: string;
  #child: ChildProcess | undefined;
  #watchdog: Watchdog | undefined;
  #exited = true;
  #logStart = 0;

  constructor(command: LocalCommand) {
    this.#command = command;
    this.#logFile = join(command.folder, "server.log");
  }

  get pid(): number | undefined {
    return this.#exited ? undefined : this.#child?.pid;
  }

  async isRunning(): Promise<boolean> {
    return !this.#exited;
  }

  async start(): Promise<void> {
    if (!this.#exited) throw new TestServerError(`${this.#command.command} is already running`);
    await mkdir(join(this.#command.folder, "data"), { recursive: true });
    // A file and no pipe: a pipe that nobody reads would stop the server, and one that is read keeps this process alive.
    const log = openSync(this.#logFile, "a");
    this.#logStart = fstatSync(log).size;
    try {
      await this.#spawn(log);
    } finally {
      closeSync(log);
    }
  }

  async terminate(): Promise<void> {
    if (this.#exited) return;
    this.#signal("SIGCONT");
    // To the leader alone, as an operator would: what it started is its own to end.
    this.#child?.kill("SIGTERM");
    await this.#gone(TERMINATE_DEADLINE_MS);
  }

  async kill(): Promise<void> {
    if (this.#exited) return;
    this.#signal("SIGKILL");
    await this.#gone(KILL_DEADLINE_MS);
  }

  async pause(): Promise<void> {
    this.#signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    this.#signal("SIGCONT");
  }

  async wipe(): Promise<void> {
    await rm(join(this.#command.folder, "data"), { recursive: true, force: true });
  }

  async log(): Promise<string> {
    const bytes = await readFile(this.#logFile);
    return bytes.subarray(this.#logStart).toString("utf8");
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#command.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #spawn(log: number): Promise<void> {
    const { command, args, env, folder } = this.#command;
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", log, log],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(new TestServerError(`Cannot run ${command}: ${cause.message}`, { cause })));
    });
    const { pid } = child;
    if (pid === undefined) throw new TestServerError(`${command} started without a process id`);
    const watchdog = startWatchdog(pid, folder);
    this.#child = child;
    this.#exited = false;
    this.#watchdog = watchdog;
    child.once("exit", () => {
      watchdog.dismiss();
      if (this.#child === child) this.#exited = true;
    });
    child.unref();
  }

  /** The whole group, because a server may have helpers of its own (Erlang does). */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined) throw new TestServerError(`${this.#command.command} is not running, so ${signal} is no use`);
    process.kill(-pid, signal);
  }

  async #gone(deadlineMs: number): Promise<void> {
    const what = `${this.#command.command} to end`;
    await eventually(() => this.#exited, { what, deadlineMs, intervalMs: 5 });
    this.#watchdog?.dismiss();
  }
}
