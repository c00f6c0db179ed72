import { ChicoryError } from "./chicory-error.js";

/** One complaint of a schema about a task's input: where and what, never the value. */
export interface InputIssue {
  /** Path from the input's root, such as `items[2].price`; empty for the input itself. */
  readonly path: string;
  readonly message: string;
}

/** A task's schema refused its input, at send or again at the worker. */
export class InvalidInputError extends ChicoryError {
  static override readonly kind = "InvalidInputError";

  readonly issues: readonly InputIssue[];

  constructor(taskName: string, issues: readonly InputIssue[]) {
    const list = issues
      .slice(0, 5)
      .map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
    super("CHICORY_INVALID_INPUT", `The input of task "${taskName}" does not fit its schema: ${list.join("; ")}`);
    this.issues = issues;
  }
}

/** A value that JSON cannot carry without loss was sent: the path says where it stands. */
export class NotSerializableError extends ChicoryError {
  static override readonly kind = "NotSerializableError";

  constructor(
    /** Path from the input's root, such as `input.items[2]`. */
    readonly path: string,
    what: string,
  ) {
    super("CHICORY_NOT_SERIALIZABLE", `${path} is ${what}, which JSON cannot carry: convert it before sending`);
  }
}

/** The encoded message is larger than `maxMessageBytes`. Send a reference to large data instead of the data. */
export class MessageTooLargeError extends ChicoryError {
  static override readonly kind = "MessageTooLargeError";

  constructor(
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(
      "CHICORY_MESSAGE_TOO_LARGE",
      `The encoded message has ${bytes} bytes and at most ${maxBytes} are accepted: send a reference to the data, or raise maxMessageBytes`,
    );
  }
}

/** A body is no envelope of a version that this release reads. The message says what is wrong, never what stood there. */
export class UndecodableError extends ChicoryError {
  static override readonly kind = "UndecodableError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_UNDECODABLE", message, options);
  }
}
