import { type ChildProcess, fork } from "node:child_process";
import { CHILD_VARIABLE, isReadyMessage } from "./child-link.js";
import type { Ending } from "./restart-policy.js";

/** Time to stop of a process that has not said how long it may take, in milliseconds. */
const DEFAULT_SHUTDOWN_MS = 30_000;

/** How a process ended, with what a log says about it. */
export interface ProcessEnd extends Ending {
  readonly signal: NodeJS.Signals | null;
}

/** How worker processes are started. */
export interface ProcessOptions {
  /** Path of the command's own script. */
  readonly script: string;
  readonly args: readonly string[];
}

/** One run of one worker process. */
export class WorkerProcess {
  readonly number: number;
  /** Resolves when the process has ended or could not be started; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #wasReady = false;
  #shutdownMs = DEFAULT_SHUTDOWN_MS;

  /** Starts the command again as worker process `number`, counted from 1. */
  constructor(number: number, { script, args }: ProcessOptions) {
    this.number = number;
    this.#child = fork(script, args, {
      env: { ...process.env, [CHILD_VARIABLE]: String(number) },
      execArgv: process.execArgv,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // A group of its own: Ctrl-C in a terminal reaches a whole group, and the worker would take the forwarded
      // signal for the second one.
      detached: true,
    });
    this.#child.on("message", (message) => {
      if (!isReadyMessage(message)) return;
      this.#wasReady = true;
      this.#shutdownMs = message.shutdownTimeoutMs;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => resolve({ code, signal, wasReady: this.#wasReady }));
      // It could not be started, or a signal could not be sent; of a process that runs the exit tells.
      this.#child.on("error", () => {
        if (this.#child.pid === undefined) resolve({ code: 1, signal: null, wasReady: false });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How long it may take to stop, in milliseconds. */
  get shutdownMs(): number {
    return this.#shutdownMs;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
