import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "@chicory/test-servers";
import type { BlockingOptions } from "./threaded/blocking-consumer.js";

const packageFolder = fileURLToPath(new URL("../", import.meta.url));
const tsup = join(packageFolder, "../../node_modules/.bin/tsup");

/** Builds the process below with its thread. */
export async function buildBlockingProcess(): Promise<void> {
  const options = ["--config", "test/threaded/tsup.config.ts", "--silent"];
  await promisify(execFile)(tsup, options, { cwd: packageFolder });
}

/** A consumer in a process of its own whose event loop is blocked by messages. */
export class BlockingProcess {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(options: BlockingOptions) {
    const program = join(packageFolder, ".jest/threaded/blocking-consumer.js");
    this.#process = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "pipe", 2] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("the process has no output");
    createInterface(stdout).on("line", (line) => void this.lines.push(line));
    this.#exited = once(this.#process, "close");
  }

  /** Waits until it has said this line. */
  async said(line: string): Promise<void> {
    await eventually(() => this.lines.includes(line), {
      what: `the blocked process to say "${line}" after "${this.lines.join('", "')}"`,
    });
  }

  /** Asks it to end, and resolves to its exit code when it has ended by itself. */
  async stop(): Promise<number | null> {
    this.#process.kill("SIGTERM");
    await this.#exited;
    return this.#process.exitCode;
  }

  /** Ends it for certain. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#exited;
  }
}
