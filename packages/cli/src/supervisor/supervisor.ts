import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@chicory/core";
import { ExitCode } from "../errors/exit-code.js";
import { RestartPolicy } from "./restart-policy.js";
import type { ProcessEnd, WorkerProcess } from "./worker-process.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Time beyond its own shutdown timeout after which a process that was asked to stop is killed, in milliseconds. */
const STOP_GRACE_MS = 20_000;

/** The same for processes that were asked to stop at once. */
const HURRY_GRACE_MS = 15_000;

/** What a supervisor needs. */
export interface SupervisorOptions {
  readonly count: number;
  readonly startProcess: (number: number) => WorkerProcess;
  readonly logger: Logger;
}

/**
 * Keeps a number of worker processes running: restarts those that end, forwards signals, and stops all of them when
 * restarting does not help. It holds no connection and loads no app; a process that outlives it notices and stops.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Set<WorkerProcess>();
  readonly #stop = new AbortController();
  #exitCode: ExitCode = ExitCode.OK;
  #signals = 0;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Runs until a signal, or until it gives up, and resolves when every process has ended: with the exit code of the
   * process that made it give up, else with the worst of the stop.
   */
  async run(): Promise<ExitCode> {
    const onSignal = (signal: NodeJS.Signals) => this.#onSignal(signal);
    for (const signal of SIGNALS) process.on(signal, onSignal);
    try {
      const numbers = Array.from({ length: this.#options.count }, (_, index) => index + 1);
      await Promise.all(numbers.map((number) => this.#keep(number)));
    } finally {
      clearTimeout(this.#killTimer);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    }
    return this.#exitCode;
  }

  async #keep(number: number): Promise<void> {
    const { logger } = this.#options;
    const policy = new RestartPolicy();
    while (!this.#stop.signal.aborted) {
      const end = await this.#runOnce(number);
      if (this.#stop.signal.aborted) {
        this.#worsen(exitCodeOf(end));
        return;
      }
      const verdict = policy.judge(end, performance.now());
      if (verdict.kind === "giveUp") {
        logger.error(
          { process: number, reason: verdict.reason },
          "Restarting a worker process does not help: stopping all",
        );
        this.#worsen(verdict.exitCode);
        this.#stopAll("SIGTERM");
        return;
      }
      logger.warn({ process: number, delayMs: verdict.delayMs }, "Restarting a worker process");
      await sleep(verdict.delayMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  async #runOnce(number: number): Promise<ProcessEnd> {
    const { logger, startProcess } = this.#options;
    const worker = startProcess(number);
    const { pid } = worker;
    this.#running.add(worker);
    logger.info({ process: number, pid }, "Started a worker process");
    const end = await worker.ended;
    this.#running.delete(worker);
    const { code, signal } = end;
    const fields = { process: number, pid, ...(signal === null ? { code } : { signal }) };
    if (code === 0) logger.info(fields, "A worker process ended");
    else logger.error(fields, "A worker process ended with a failure");
    return end;
  }

  #onSignal(signal: NodeJS.Signals): void {
    this.#signals += 1;
    const { logger } = this.#options;
    if (this.#signals === 1) logger.info({ signal }, "Stopping the worker processes");
    else logger.warn({ signal }, "Stopping the worker processes at once");
    if (this.#signals > 2) this.#killAll();
    else this.#stopAll(signal);
  }

  #stopAll(signal: NodeJS.Signals): void {
    this.#stop.abort();
    for (const worker of this.#running) worker.kill(signal);
    const longest = Math.max(0, ...[...this.#running].map(({ shutdownMs }) => shutdownMs));
    const graceMs = this.#signals > 1 ? HURRY_GRACE_MS : longest + STOP_GRACE_MS;
    clearTimeout(this.#killTimer);
    // The processes keep this one alive, the timer does not.
    this.#killTimer = setTimeout(() => this.#killAll(), graceMs).unref();
  }

  #killAll(): void {
    for (const worker of this.#running) {
      this.#options.logger.error(
        { process: worker.number, pid: worker.pid },
        "Killing a worker process that does not stop",
      );
      worker.kill("SIGKILL");
    }
  }

  /** What went wrong first stands; success never hides it. */
  #worsen(exitCode: ExitCode): void {
    if (this.#exitCode === ExitCode.OK) this.#exitCode = exitCode;
  }
}

function exitCodeOf({ code }: ProcessEnd): ExitCode {
  return Object.values(ExitCode).find((known) => known === code) ?? ExitCode.FAILURE;
}
