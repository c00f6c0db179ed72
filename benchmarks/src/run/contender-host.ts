import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Round } from "../workload.js";
import type { RoundReply, RoundRequest } from "./protocol.js";

const PROGRAM = fileURLToPath(new URL("./contender-process.js", import.meta.url));

/**
 * A contender waits while the others have their turns, and code that was not called for a while would be dropped and
 * compiled anew: rounds would measure the compiler, for contenders of much code more than for those of little.
 */
const KEEP_CODE = ["--no-flush-bytecode"];

/** A round that takes longer than this hangs: the longest one moves some millions of messages. */
const ROUND_DEADLINE_MS = 300_000;

/** Time to end for a process that was asked to; a profile may have to be written. */
const END_MS = 10_000;

/** The process of one contender of a workload, kept through all rounds. Whoever starts it closes it. */
export class ContenderHost {
  readonly name: string;
  readonly #process: ChildProcess;

  /** `profileFolder` is where a CPU profile of the process is written when it ends. */
  constructor(workload: string, name: string, profileFolder?: string) {
    this.name = name;
    const profile = profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
    this.#process = fork(PROGRAM, [workload, name], { execArgv: [...KEEP_CODE, ...profile] });
  }

  /** Measures one round. Never rejects: whatever goes wrong is the contender's. */
  async measure(round: Round): Promise<RoundReply> {
    if (!this.#process.connected) return ended("no answer");
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ROUND_DEADLINE_MS);
    try {
      const { signal } = abort;
      const reply = once(this.#process, "message", { signal }).then(([message]) => message as RoundReply);
      const end = once(this.#process, "exit", { signal }).then(([code, by]) => ended(by ?? `status ${code}`));
      const request: RoundRequest = { round };
      this.#process.send(request);
      return await Promise.race([reply, end]);
    } catch {
      this.#process.kill("SIGKILL");
      return { kind: "broken", reason: `it did not end a round within ${ROUND_DEADLINE_MS} ms` };
    } finally {
      clearTimeout(timer);
      // Ends the wait that lost the race.
      abort.abort();
    }
  }

  /** Ends the process. */
  async close(): Promise<void> {
    const { exitCode, signalCode, connected } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#process, "exit");
    const force = setTimeout(() => this.#process.kill("SIGKILL"), END_MS);
    if (connected) this.#process.disconnect();
    await gone;
    clearTimeout(force);
  }
}

function ended(how: string): RoundReply {
  return { kind: "broken", reason: `its process ended with ${how}` };
}
