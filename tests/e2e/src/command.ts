import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { eventually } from "@chicory/test-servers";

/** A command that says nothing for this long hangs: a cold start of Node with TypeScript takes seconds under load. */
const DEADLINE_MS = 60_000;

/** How a command is started. */
export interface CommandOptions {
  readonly cwd: string;
  /** Variables beside those of the system; the test's own CHICORY_* never reach a command. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command ended, and all that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A command in a process group of its own. Whoever starts one stops it: {@link Command.kill} ends the whole group, and
 * may be called when it is gone.
 */
export class Command {
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #closed: Promise<Ended>;

  constructor(program: string, args: readonly string[], { cwd, env = {} }: CommandOptions) {
    this.#child = spawn(program, args, { cwd, env: { ...systemEnvironment(), ...env }, detached: true });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#exited = once(this.#child, "exit");
    this.#closed = once(this.#child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the command did not start");
    return this.#child.pid;
  }

  /** Waits until what it wrote, on either stream, matches. */
  async writes(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#watched(`${pattern} in the output`, () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr));
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<Ended> {
    let ended: Ended | undefined;
    void this.#closed.then((how) => {
      ended = how;
    });
    return this.#watched("the command to end", () => ended, true);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM for the command and everything that it started; waits until all of it has ended. */
  async stop(): Promise<Ended> {
    process.kill(-this.pid, "SIGTERM");
    return this.ended();
  }

  /** SIGKILL for the command and everything that it started. */
  async kill(): Promise<void> {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
    await this.#exited;
    // What left the group may hold the streams open.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async #watched<T>(what: string, look: () => T | null | undefined, mayEnd = false): Promise<NonNullable<T>> {
    try {
      const found = await eventually(
        () => {
          const value = look();
          if (value !== null && value !== undefined) return { value };
          if (!mayEnd && this.#child.exitCode !== null) return { value: undefined };
          return undefined;
        },
        { what, deadlineMs: DEADLINE_MS },
      );
      if (found.value !== undefined) return found.value;
      throw new Error(`The command ended with ${this.#child.exitCode} before there was ${what}`);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${message}\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`, { cause });
    }
  }
}

/** Runs a command to its end. */
export async function run(program: string, args: readonly string[], options: CommandOptions): Promise<Ended> {
  const command = new Command(program, args, options);
  try {
    return await command.ended();
  } finally {
    await command.kill();
  }
}

function systemEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(CHICORY|npm|NODE_OPTIONS|FORCE_COLOR)/i.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
