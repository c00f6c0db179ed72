/**
 * Stable codes of Chicory's errors. A code never changes its meaning; new ones may be added.
 */
export type ChicoryErrorCode =
  | "CHICORY_ACCESS"
  | "CHICORY_CLOSED"
  | "CHICORY_CONFIG"
  | "CHICORY_CONNECTION"
  | "CHICORY_INVALID_INPUT"
  | "CHICORY_LEASE_LOST"
  | "CHICORY_MESSAGE_TOO_LARGE"
  | "CHICORY_NOT_SERIALIZABLE"
  | "CHICORY_PUBLISH"
  | "CHICORY_QUEUE_FULL"
  | "CHICORY_SERVER"
  | "CHICORY_SETTLEMENT"
  | "CHICORY_SHUTDOWN"
  | "CHICORY_TASK_FAILED"
  | "CHICORY_TASK_RETRY"
  | "CHICORY_TASK_TIMEOUT"
  | "CHICORY_UNDECODABLE"
  | "CHICORY_UNSUPPORTED"
  | "CHICORY_WORKER";

/** Names of the classes an error belongs to, readable by another copy of this package. */
const KINDS = Symbol.for("chicory.error.kinds");

/**
 * Root of every error that Chicory throws. The message is a sentence that says what happened, to what, and what to do
 * next; it never holds a secret or a task's input. `cause` is the error beneath it, if there is one.
 *
 * `instanceof` also holds for errors of another installed copy of this package: it compares class names kept under a
 * registered symbol rather than identity.
 */
export class ChicoryError extends Error {
  /** Name of the class as `instanceof` compares it. Subclasses of this package set their own. */
  static readonly kind: string = "ChicoryError";

  readonly code: ChicoryErrorCode;

  constructor(code: ChicoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.kind;
    this.code = code;
  }

  get [KINDS](): readonly string[] {
    const kinds: string[] = [];
    let type: unknown = this.constructor;
    while (typeof type === "function" && "kind" in type) {
      kinds.push(String(type.kind));
      type = Object.getPrototypeOf(type);
    }
    return kinds;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class that stands right of `instanceof`, not this one
    return isInstance(this, value);
  }
}

function isInstance(type: typeof ChicoryError, value: unknown): boolean {
  // A user's subclass without a kind of its own must not claim every error of its parent.
  if (!Object.hasOwn(type, "kind")) return Function.prototype[Symbol.hasInstance].call(type, value);
  if (typeof value !== "object" || value === null) return false;
  try {
    const kinds: unknown = Reflect.get(value, KINDS);
    return Array.isArray(kinds) && kinds.includes(type.kind);
  } catch {
    // A proxy that was revoked or throws: whoever asks what was thrown must get an answer.
    return false;
  }
}
