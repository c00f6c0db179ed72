/** What a supervised process tells its supervisor: it consumes its queues now. */
export interface ReadyMessage {
  readonly type: "chicory:ready";
  /** How long it may take to stop, in milliseconds. */
  readonly shutdownTimeoutMs: number;
}

/** Set in the environment of a supervised process: its number, from 1. Not meant to be set by hand. */
export const CHILD_VARIABLE = "CHICORY_SUPERVISED_CHILD";

/** How often a supervised process looks whether its parent is still the supervisor, in milliseconds. */
const PARENT_CHECK_MS = 2_000;

/** A supervised process's end of the line to its supervisor. */
export interface ChildLink {
  /** Number of the process, from 1. */
  readonly number: number;
  /** Whether the supervisor is there; false once it ended, however it did. */
  readonly connected: boolean;
  ready(shutdownTimeoutMs: number): void;
  /** Calls the listener when the supervisor has ended; at once if it has already. */
  onDisconnect(listener: () => void): void;
}

/** The line to the supervisor, or undefined if this process has none. To be asked for once. */
export function childLink(): ChildLink | undefined {
  const number = Number(process.env[CHILD_VARIABLE]);
  // Processes that the app starts are not the supervisor's.
  delete process.env[CHILD_VARIABLE];
  if (!Number.isInteger(number) || number < 1 || process.send === undefined) return undefined;
  const supervisor = process.ppid;
  return {
    number,
    get connected() {
      return process.connected;
    },
    ready(shutdownTimeoutMs) {
      if (!process.connected) return;
      const message: ReadyMessage = { type: "chicory:ready", shutdownTimeoutMs };
      // A supervisor that ends meanwhile is reported as a disconnection.
      process.send?.(message, () => undefined);
    },
    onDisconnect(listener) {
      if (!process.connected) {
        listener();
        return;
      }
      // The channel says it at once. The parent is a second witness: an orphan would go on for ever.
      const check = setInterval(() => process.ppid !== supervisor && ended(), PARENT_CHECK_MS).unref();
      const ended = () => {
        clearInterval(check);
        process.off("disconnect", ended);
        listener();
      };
      process.once("disconnect", ended);
    },
  };
}

/** Reads what a supervised process sent, which may be anything that the app's code sends by `process.send`. */
export function isReadyMessage(message: unknown): message is ReadyMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    Reflect.get(message, "type") === "chicory:ready" &&
    typeof Reflect.get(message, "shutdownTimeoutMs") === "number"
  );
}
