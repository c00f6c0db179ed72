import { type ChildProcess, spawn } from "node:child_process";
import { eventually } from "@chicory/test-servers";

/** How the command is run. */
export interface CommandOptions {
  /** The command's script. */
  readonly bin: string;
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** A command that has ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Long enough for a loaded machine: a command that takes longer than this hangs. */
const DEADLINE_MS = 60_000;

/** A command that runs. */
export class RunningCommand {
  readonly ended: Promise<CommandResult>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #hasEnded = false;

  constructor(args: readonly string[], { bin, directory, env = {}, stdin }: CommandOptions) {
    this.#child = spawn(process.execPath, [bin, ...args], {
      cwd: directory,
      // Nothing of the environment that the tests run in may configure the command.
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      // A process group of its own, as a shell would give it.
      detached: true,
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stdin?.end(stdin ?? "");
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#hasEnded = true;
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal to its whole process group, as a terminal does. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Goes away as a reader of its output, as `| head -0` does. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  /** Waits until the log or the output holds a text. */
  async says(pattern: RegExp, times = 1): Promise<void> {
    const all = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
    await eventually(
      () => {
        const count = [...`${this.#stdout}\n${this.#stderr}`.matchAll(all)].length;
        if (count < times && this.#hasEnded) throw new Error(`it ended:\n${this.#stdout}${this.#stderr}`);
        return count >= times;
      },
      { what: `${pattern} ${times} times in:\n${this.#stdout}${this.#stderr}`, deadlineMs: DEADLINE_MS },
    );
  }

  /** Ends it for good, if it has not ended, and the worker processes that it started. */
  async dispose(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill("SIGKILL");
    for (const [, pid] of this.#stderr.matchAll(/Started a worker process .*pid=(\d+)/g)) killIfAlive(Number(pid));
    await this.ended;
  }
}

/** Runs a command to its end. */
export async function runCommand(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const command = new RunningCommand(args, options);
  const timer = setTimeout(() => command.kill("SIGKILL"), DEADLINE_MS);
  try {
    return await command.ended;
  } finally {
    clearTimeout(timer);
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
