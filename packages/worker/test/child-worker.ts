import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "@chicory/test-servers";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A process that runs a worker, and says a line for whatever happens in it. */
export class ChildWorker {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** Starts `fixtures/<fixture>.ts`; what is in `environment` is set besides the environment of the test. */
  constructor(fixture: string, environment: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(
      process.execPath,
      ["--conditions=source", "--import", here("./typescript/register.mjs"), here(`./fixtures/${fixture}.ts`)],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_OPTIONS: "", ...environment } },
    );
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("the child has no output");
    createInterface(stdout).on("line", (line) => void this.lines.push(line));
    this.#exited = once(this.#process, "close");
  }

  /** Waits for a line. */
  async said(line: string): Promise<void> {
    await eventually(() => this.lines.includes(line), { what: `the child to say "${line}"` });
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves to its exit code, or the signal that ended it. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    await this.#exited;
    return this.#process.exitCode ?? this.#process.signalCode;
  }

  /** Ends it for certain. */
  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#exited;
  }
}
