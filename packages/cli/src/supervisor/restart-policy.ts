import { ExitCode } from "../errors/exit-code.js";

/** How a worker process ended that nobody asked to stop. */
export interface Ending {
  /** Null if a signal ended it. */
  readonly code: number | null;
  /** Whether it had consumed its queues by then. */
  readonly wasReady: boolean;
}

/** What to do about it. */
export type Verdict =
  | { readonly kind: "restart"; readonly delayMs: number }
  | { readonly kind: "giveUp"; readonly exitCode: ExitCode; readonly reason: string };

/** This many ends of one process within this time are a crash loop: restarting does not help, and hides it. */
const MAX_ENDS = 5;
const WINDOW_MS = 60_000;

/** Pauses before a restart grow from the first to the last; each is cut by up to a half, so that several spread. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Decides about one process of several: when it is started again, and when all of them had better stop. */
export class RestartPolicy {
  readonly #random: () => number;
  #ends: readonly number[] = [];

  /** `random` gives numbers from 0 to 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Judges an end at the time `now`, in milliseconds of any clock that does not jump. */
  judge({ code, wasReady }: Ending, now: number): Verdict {
    if (!wasReady && code === ExitCode.USAGE) {
      return { kind: "giveUp", exitCode: ExitCode.USAGE, reason: "its arguments, config or app are not acceptable" };
    }
    if (!wasReady && code === ExitCode.BROKER) {
      return { kind: "giveUp", exitCode: ExitCode.BROKER, reason: "it cannot use the broker" };
    }
    this.#ends = [...this.#ends.filter((time) => time > now - WINDOW_MS), now];
    if (this.#ends.length >= MAX_ENDS) {
      const reason = `it ended ${MAX_ENDS} times within ${WINDOW_MS / 1_000} seconds`;
      return { kind: "giveUp", exitCode: ExitCode.FAILURE, reason };
    }
    const grown = Math.min(FIRST_PAUSE_MS * 2 ** (this.#ends.length - 1), LONGEST_PAUSE_MS);
    return { kind: "restart", delayMs: Math.round(grown * (1 - this.#random() / 2)) };
  }
}
