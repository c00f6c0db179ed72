import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@chicory/test-servers";
import type { Ledger } from "../ledger.js";
import { program } from "../program.js";
import type { DeathPoint } from "./death-point.js";
import type { Holdings } from "./holdings.js";
import type { WorkerSettings } from "./worker-settings.js";

/** A worker that has not ended this long after it was asked to hangs: handlers of the load take less. */
const STOP_DEADLINE_MS = 25_000;
const READY_DEADLINE_MS = 60_000;
const SECOND_SIGNAL_MS = 300;
/** A worker that is to kill itself at a call has compiled itself and made that call long before. */
const DEATH_DEADLINE_MS = 30_000;
/** A worker that is at rest answers at once. */
const ANSWER_DEADLINE_MS = 15_000;
/** Pause before a worker that ended by itself is replaced, as whatever runs workers does. */
const RESPAWN_MS = 300;

/** What a pool is made of. */
export interface WorkerPoolOptions {
  readonly settings: Omit<WorkerSettings, "name">;
  readonly size: number;
  /** So many of them are neither killed nor stopped before all are. */
  readonly spared: number;
  /** More environment of every worker. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The history of whoever runs the pool, which notes how workers end. */
  readonly ledger: Ledger;
}

/** How a worker left that was asked to. */
export interface Departure {
  /** Null if it had to be killed in the end. */
  readonly code: number | null;
  readonly tookMs: number;
}

interface PooledWorker {
  readonly name: string;
  readonly process: ChildProcess;
  ready: boolean;
  /** Whether its end was asked for. */
  asked: boolean;
}

/** Worker processes that are killed and replaced. Whoever makes a pool stops it. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers: PooledWorker[] = [];
  #lacks: WorkerSettings["lacks"];
  #started = 0;
  #stopping = false;
  /** How workers ended that nobody had asked to: code or signal, and their last words. */
  readonly exits: { readonly status: number | string; readonly words: string }[] = [];
  /** Statuses other than 0 of workers that were asked to stop in peace. */
  readonly badStops: string[] = [];

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#lacks = options.settings.lacks;
    for (let index = 0; index < options.size; index++) this.#spawn();
  }

  /** Process id of the oldest worker. */
  get oldest(): number | undefined {
    return this.#workers[0]?.process.pid;
  }

  /** Resolves when the pool is complete and every worker consumes. */
  async ready(): Promise<void> {
    const { size } = this.#options;
    const complete = () => this.#workers.length === size && this.#workers.every(({ ready }) => ready);
    await eventually(complete, { what: "every worker to consume", deadlineMs: READY_DEADLINE_MS });
  }

  /** What each worker holds that is ready, by its name. */
  async holdings(): Promise<ReadonlyMap<string, Holdings>> {
    const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
    const answers = this.#workers
      .filter(({ ready, process: { connected } }) => ready && connected)
      .map(async ({ name, process: child }): Promise<[string, Holdings]> => {
        const answer = once(child, "message", { signal });
        child.send("holdings");
        const [held] = await answer.catch((cause: unknown) => {
          throw new Error(`${name} did not say what it holds`, { cause });
        });
        return [name, held];
      });
    return new Map(await Promise.all(answers));
  }

  /** From now on workers are started that know every task. */
  upgrade(): void {
    this.#lacks = [];
  }

  /** Kills a worker at random with SIGKILL and starts another in its place. */
  killOne(random: number): void {
    const victim = this.#take(random);
    this.#note("kill", "begin", victim);
    victim.process.kill("SIGKILL");
    this.#spawn();
  }

  /**
   * Kills a worker at random and starts one in its place that kills itself at this point. Resolves when it has, and yet
   * another is in its place; with false if it was killed from outside in the end, since it did not come to that point.
   */
  async killOneAt(random: number, diesAt: DeathPoint): Promise<boolean> {
    const victim = this.#take(random);
    this.#note("kill", "begin", victim);
    victim.process.kill("SIGKILL");
    const mortal = this.#spawn(diesAt);
    if (mortal === undefined) return false;
    mortal.asked = true;
    let inTime = true;
    const force = setTimeout(() => {
      inTime = false;
      mortal.process.kill("SIGKILL");
    }, DEATH_DEADLINE_MS);
    await once(mortal.process, "exit");
    clearTimeout(force);
    this.#note("kill", "begin", mortal);
    this.#forget(mortal);
    this.#spawn();
    return inTime;
  }

  /** Stops a worker at random with SIGSTOP, and returns what continues it. */
  pauseOne(random: number): () => void {
    const victim = this.#pick(random);
    this.#note("pause", "begin", victim);
    victim.process.kill("SIGSTOP");
    return () => {
      victim.process.kill("SIGCONT");
      this.#note("pause", "end", victim);
    };
  }

  /**
   * Asks a ready worker at random to stop by SIGTERM, and starts another in its place; `hurry` asks a second time.
   * Resolves when it is gone.
   */
  async replaceOne(random: number, hurry = false): Promise<Departure> {
    await this.ready();
    const leaving = this.#take(random);
    this.#spawn();
    const gone = once(leaving.process, "exit");
    const askedAt = performance.now();
    this.#note("stop", "begin", leaving);
    leaving.process.kill("SIGTERM");
    // Two signals of one kind that follow at once are one.
    if (hurry) setTimeout(() => leaving.process.kill("SIGTERM"), SECOND_SIGNAL_MS).unref();
    const force = setTimeout(() => leaving.process.kill("SIGKILL"), STOP_DEADLINE_MS);
    await gone;
    clearTimeout(force);
    return { code: leaving.process.exitCode, tookMs: performance.now() - askedAt };
  }

  /** Ends every worker gracefully, or by force after a while; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      this.#workers.splice(0).map(async (worker) => {
        worker.asked = true;
        if (hasEnded(worker.process)) return;
        const force = setTimeout(() => worker.process.kill("SIGKILL"), STOP_DEADLINE_MS);
        const gone = once(worker.process, "exit");
        worker.process.kill("SIGCONT");
        worker.process.kill("SIGTERM");
        await gone;
        clearTimeout(force);
        const { exitCode, signalCode } = worker.process;
        if (exitCode !== 0) this.badStops.push(`${worker.name} with ${exitCode ?? signalCode}`);
      }),
    );
  }

  #note(op: string, phase: "begin" | "end", { name }: PooledWorker): void {
    this.#options.ledger.write({ kind: "nemesis", op, phase, target: name });
  }

  #spawn(diesAt?: DeathPoint): PooledWorker | undefined {
    if (this.#stopping) return undefined;
    this.#started += 1;
    const name = `worker-${this.#started}`;
    const { settings, env } = this.#options;
    const json = JSON.stringify({ ...settings, lacks: this.#lacks, name, diesAt } satisfies WorkerSettings);
    const log = openSync(this.#logFile(name), "a");
    const child = spawn(process.execPath, [fileURLToPath(program("worker-process")), json], {
      stdio: ["ignore", log, log, "ipc"],
      env: { ...process.env, NODE_OPTIONS: "", ...env },
    });
    closeSync(log);
    const worker: PooledWorker = { name, process: child, ready: false, asked: false };
    child.once("message", () => {
      worker.ready = true;
    });
    child.once("exit", (code, signal) => this.#onExit(worker, code, signal));
    this.#workers.push(worker);
    return worker;
  }

  #onExit(worker: PooledWorker, code: number | null, signal: string | null): void {
    const { name, asked } = worker;
    this.#options.ledger.write({ kind: "worker-exit", worker: name, code, signal, asked });
    if (asked) return;
    this.exits.push({ status: code ?? signal ?? "nothing", words: this.#lastWords(name) });
    this.#forget(worker);
    setTimeout(() => this.#spawn(), RESPAWN_MS).unref();
  }

  /** What an uncaught error printed, or the last line of the log. */
  #lastWords(name: string): string {
    const lines = readFileSync(this.#logFile(name), "utf8").trimEnd().split("\n");
    return lines.findLast((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  }

  #logFile(name: string): string {
    return join(this.#options.settings.folder, `${name}.log`);
  }

  #take(random: number): PooledWorker {
    // The spared ones are the oldest, since others come and go behind them.
    const { spared } = this.#options;
    const worker = this.#workers[spared + Math.floor(random * (this.#workers.length - spared))];
    if (worker === undefined) throw new Error("The pool has no worker at this moment that may go");
    worker.asked = true;
    this.#forget(worker);
    return worker;
  }

  #pick(random: number): PooledWorker {
    const worker = this.#workers[Math.floor(random * this.#workers.length)];
    if (worker === undefined) throw new Error("The pool has no worker at this moment");
    return worker;
  }

  #forget(worker: PooledWorker): void {
    const index = this.#workers.indexOf(worker);
    if (index >= 0) this.#workers.splice(index, 1);
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
