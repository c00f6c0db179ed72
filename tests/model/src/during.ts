import type { RealSystem } from "./real-system.js";

/** What happens while a call is on its way. */
export interface During {
  readonly fault: "nothing" | "cut" | "crash";
  /** Turns that the call is granted before the fault. */
  readonly turns: number;
}

/** The words of a story for it. */
export function inWords({ fault }: During): string {
  switch (fault) {
    case "nothing":
      return "";
    case "cut":
      return ", and the connection is cut meanwhile";
    case "crash":
      return ", and dies meanwhile";
  }
}

/** Cuts every connection when a call has had so many turns. */
export async function cutAfter(turns: number, system: RealSystem): Promise<void> {
  // Without a turn the call does not reach the broker: to await even nothing would grant it one.
  if (turns > 0) await grant(turns);
  await system.harness.severConnections?.();
}

/** Lets calls go on for so many turns of the microtask queue. */
export async function grant(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}
