import { ChicoryError, type ChicoryErrorCode } from "./chicory-error.js";

/** What a {@link BrokerError} knows besides its message. */
export interface BrokerErrorOptions extends ErrorOptions {
  /** Whether the same call may succeed later with nothing changed by a person. */
  readonly retryable: boolean;
}

/**
 * The broker could not do what it was asked. Drivers translate the errors of their client library into this class and
 * its subclasses, in one place each; nothing else of a client library reaches users.
 */
export class BrokerError extends ChicoryError {
  static override readonly kind: string = "BrokerError";

  /** Whether the same call may succeed later with nothing changed by a person. */
  readonly retryable: boolean;

  constructor(code: ChicoryErrorCode, message: string, options: BrokerErrorOptions) {
    super(code, message, options);
    this.retryable = options.retryable;
  }
}

/**
 * The server cannot be reached, does not answer in time, or the connection broke. Always retryable: drivers reconnect
 * by themselves, callers repeat with a pause.
 */
export class ConnectionError extends BrokerError {
  static override readonly kind = "ConnectionError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_CONNECTION", message, { ...options, retryable: true });
  }
}

/**
 * The server answered and refused this user: wrong credentials, or a permission is missing. Not retryable; the message
 * says which right or which setting to change.
 */
export class AccessError extends BrokerError {
  static override readonly kind = "AccessError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_ACCESS", message, { ...options, retryable: false });
  }
}

/**
 * The server answered with an error of its own: out of memory, read-only, loading, a key of a wrong type. `retryable`
 * says whether that state is one that passes.
 */
export class ServerError extends BrokerError {
  static override readonly kind = "ServerError";

  constructor(message: string, options: BrokerErrorOptions) {
    super("CHICORY_SERVER", message, options);
  }
}

/** The queue holds as many messages as its `maxLength` allows. The message was not stored and nothing was trimmed. */
export class QueueFullError extends BrokerError {
  static override readonly kind = "QueueFullError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_QUEUE_FULL", message, { ...options, retryable: false });
  }
}

/** The driver does not have the ability that the call needs; the message names the capability and an alternative. */
export class UnsupportedError extends BrokerError {
  static override readonly kind = "UnsupportedError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_UNSUPPORTED", message, { ...options, retryable: false });
  }
}

/** The app, driver, consumer or worker was closed before the call, or while it waited. */
export class ClosedError extends BrokerError {
  static override readonly kind = "ClosedError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_CLOSED", message, { ...options, retryable: false });
  }
}
