import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./worker-process.js", import.meta.url));

/** Worker processes that are killed and replaced. Whoever makes a pool stops it. */
export class WorkerPool {
  readonly #port: number;
  readonly #folder: string;
  readonly #epoch: number;
  readonly #workers: ChildProcess[] = [];
  readonly #ready = new WeakMap<ChildProcess, Promise<unknown>>();
  #started = 0;
  /** Ways in which workers ended that nobody asked for. */
  readonly unexpectedExits: string[] = [];

  constructor(port: number, folder: string, epoch: number, size: number) {
    this.#port = port;
    this.#folder = folder;
    this.#epoch = epoch;
    for (let index = 0; index < size; index++) this.#spawn();
  }

  /** Resolves when every worker of the moment has begun to consume. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#ready.get(worker)));
  }

  /** Kills a worker at random with SIGKILL and starts another in its place. */
  killOne(random: number): void {
    const victim = this.#pick(random);
    this.#forget(victim);
    victim.kill("SIGKILL");
    this.#spawn();
  }

  /** Stops a worker at random with SIGSTOP, and returns what continues it. */
  pauseOne(random: number): () => void {
    const victim = this.#pick(random);
    victim.kill("SIGSTOP");
    return () => void victim.kill("SIGCONT");
  }

  /** Asks a ready worker at random to stop by SIGTERM, and starts another in its place. Resolves with its exit code. */
  async replaceOne(random: number): Promise<number | null> {
    const leaving = this.#pick(random);
    await this.#ready.get(leaving);
    this.#forget(leaving);
    this.#spawn();
    leaving.kill("SIGTERM");
    await once(leaving, "exit");
    return leaving.exitCode;
  }

  /** Ends every worker gracefully, or by force after a while; resolves when all are gone. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#workers.splice(0).map(async (worker) => {
        if (worker.exitCode !== null || worker.signalCode !== null) return;
        const force = setTimeout(() => worker.kill("SIGKILL"), 20_000);
        worker.removeAllListeners("exit");
        worker.kill("SIGTERM");
        await once(worker, "exit");
        clearTimeout(force);
        if (worker.exitCode !== 0) this.unexpectedExits.push(`code ${worker.exitCode}, signal ${worker.signalCode}`);
      }),
    );
  }

  #spawn(): void {
    this.#started += 1;
    const args = [PROGRAM, String(this.#port), this.#folder, `worker-${this.#started}`, String(this.#epoch)];
    const worker = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#ready.set(worker, once(worker, "message"));
    worker.once("exit", (code, signal) => {
      this.unexpectedExits.push(`code ${code}, signal ${signal}`);
      this.#forget(worker);
      this.#spawn();
    });
    this.#workers.push(worker);
  }

  #pick(random: number): ChildProcess {
    const worker = this.#workers[Math.floor(random * this.#workers.length)];
    if (worker === undefined) throw new Error("The pool has no worker: it was stopped");
    return worker;
  }

  #forget(worker: ChildProcess): void {
    worker.removeAllListeners("exit");
    const index = this.#workers.indexOf(worker);
    if (index >= 0) this.#workers.splice(index, 1);
  }
}
