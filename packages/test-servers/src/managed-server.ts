import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "./eventually.js";
import { TAKEN } from "./port-retry.js";
import type { ServerRunner } from "./server-runner.js";
import { TestServerError } from "./test-server-error.js";

const LOG_TAIL_LINES = 30;
/** A port that is taken when its server comes back is waited for, so many times. */
const RESTART_ATTEMPTS = 20;
const RESTART_PAUSE_MS = 250;

/** Where a server comes from, in the order in which they are tried. */
export type ServerSource = "url" | "docker" | "local";

/** How a server is started again. */
export interface RestartOptions {
  /**
   * False empties the server's storage while it is down. True (the default) keeps what it had stored: all of it when it
   * was running, since it is then asked to end; what its own durability saved when it was killed before.
   */
  readonly keepData?: boolean;
}

/** What a test can do to any server that it started. */
export interface ControlledServer {
  readonly source: ServerSource;
  /** The server's process id; undefined while it is down, in a container, and for a server that was given by URL. */
  readonly pid: number | undefined;
  /** The last lines that the server wrote since its start; empty after a stop and for a server that was given by URL. */
  logTail(): Promise<string>;
  /** Ends the server and removes its folder. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** Starts the server again on the same port, whether it runs, hangs or was killed; resolves once it answers. */
  restart(options?: RestartOptions): Promise<void>;
}

/** What {@link ManagedServer} needs to know about the server inside. */
export interface ManagedServerOptions {
  /** "Redis", as errors name it. */
  readonly product: string;
  readonly source: ServerSource;
  readonly runner: ServerRunner;
  /** Whether the server answers its own protocol by now. */
  readonly ready: () => Promise<boolean>;
  readonly startDeadlineMs: number;
}

/** The life of one server, whatever it is and whatever runs it. */
export class ManagedServer implements ControlledServer {
  readonly #options: ManagedServerOptions;
  #paused = false;
  #stopped = false;

  constructor(options: ManagedServerOptions) {
    this.#options = options;
  }

  get source(): ServerSource {
    return this.#options.source;
  }

  get pid(): number | undefined {
    return this.#options.runner.pid;
  }

  /** Where clients connect. */
  get host(): string {
    return this.#options.runner.host;
  }

  /** Starts the server and waits until it answers. A failed start leaves nothing behind, and its error tells the log. */
  async start(): Promise<void> {
    try {
      await this.#startOnce();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async logTail(): Promise<string> {
    // After a stop the folder is gone, and the log with it.
    if (this.#stopped) return "";
    const log = await this.#options.runner.log();
    return log.trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#options.runner.dispose();
  }

  async kill(): Promise<void> {
    this.#assertUsable("kill");
    this.#paused = false;
    await this.#options.runner.kill();
  }

  async pause(): Promise<void> {
    this.#assertUsable("pause");
    await this.#options.runner.pause();
    this.#paused = true;
  }

  async resume(): Promise<void> {
    this.#assertUsable("resume");
    await this.#options.runner.resume();
    this.#paused = false;
  }

  async restart({ keepData = true }: RestartOptions = {}): Promise<void> {
    this.#assertUsable("restart");
    const { runner } = this.#options;
    if (this.#paused) await this.resume();
    if (keepData) await runner.terminate();
    else await runner.kill();
    if (!keepData) await runner.wipe();
    await this.#startAgain();
  }

  /** The port is fixed, and may be taken for a moment: another test looks whether it is free, or connects from it. */
  async #startAgain(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#startOnce();
        return;
      } catch (error) {
        const taken = error instanceof Error && TAKEN.test(error.message);
        if (!taken || attempt === RESTART_ATTEMPTS) throw error;
        await pause(RESTART_PAUSE_MS);
      }
    }
  }

  async #startOnce(): Promise<void> {
    const { product, runner, ready, startDeadlineMs } = this.#options;
    await runner.start();
    let ended = false;
    try {
      await eventually(
        async () => {
          ended = !(await runner.isRunning());
          return ended || (await ready());
        },
        { what: `${product} to answer`, deadlineMs: startDeadlineMs },
      );
    } catch (cause) {
      throw new TestServerError(`${product} does not answer. ${await this.#log()}`, { cause });
    }
    if (ended) throw new TestServerError(`${product} ended while it started. ${await this.#log()}`);
  }

  #assertUsable(action: string): void {
    if (this.#stopped) throw new TestServerError(`Cannot ${action} ${this.#options.product}: it was stopped for good`);
  }

  async #log(): Promise<string> {
    return `The end of its log:\n${(await this.logTail()) || "(empty)"}`;
  }
}
