import {
  AccessError,
  BrokerError,
  ClosedError,
  ConfigError,
  ConnectionError,
  QueueFullError,
  ServerError,
} from "@chicory/core";

/** The code of an error of the client library or of the socket beneath it; empty if it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? code : "";
}

/** Translates why a connection to a server could not be opened. */
export function fromConnect(error: unknown, address: string, vhost: string, username: string): Error {
  if (error instanceof BrokerError || error instanceof ConfigError) return error;
  const cause = bare(error);
  const code = codeOf(error);
  if (code === "ACCESS_REFUSED") {
    return /vhost|user limit|connection limit/i.test(cause.message)
      ? noVhost(address, vhost, username, cause)
      : new AccessError(
          `RabbitMQ at ${address} refused the login of user "${username}": check username and password (the user "guest" may only log in from the server's own machine)`,
          { cause },
        );
  }
  if (code === "NOT_ALLOWED") return noVhost(address, vhost, username, cause);
  const certificate = CERTIFICATE_ERRORS[code];
  if (certificate !== undefined) {
    return new ConfigError(`The certificate of RabbitMQ at ${address} is not accepted: ${certificate}`, { cause });
  }
  if (/wrong version number|packet length too long|EPROTO/i.test(`${cause.message} ${code}`)) {
    return new ConfigError(`${address} does not speak TLS: check tls and port`, { cause });
  }
  const reason = CONNECT_ERRORS[code] ?? `${cause.message}${code === "" ? "" : ` (${code})`}`;
  return new ConnectionError(`Cannot connect to RabbitMQ at ${address}: ${reason}`, { cause });
}

/** Translates what a command on a channel rejected with. `what` says what was tried: `declare queue "x"`. */
export function fromChannel(error: unknown, what: string): Error {
  if (error instanceof BrokerError || error instanceof ConfigError) return error;
  const cause = bare(error);
  switch (codeOf(error)) {
    case "ACCESS_REFUSED":
      return new AccessError(
        `RabbitMQ does not permit this user to ${what}: grant the missing permission by rabbitmqctl set_permissions (${cause.message})`,
        { cause },
      );
    case "NOT_FOUND":
      return new ServerError(`RabbitMQ could not ${what}: ${cause.message}`, { cause, retryable: true });
    case "PRECONDITION_FAILED":
      return isAckTimeout(error) ? ackTimedOut(cause) : refused(what, cause);
    case "RESOURCE_LOCKED":
      return new ServerError(`RabbitMQ could not ${what}: another connection has it for itself`, {
        cause,
        retryable: true,
      });
    case "NACK":
      return new ServerError(`RabbitMQ refused to ${what}: the queue cannot store messages at the moment`, {
        cause,
        retryable: true,
      });
    case "CONTENT_TOO_LARGE":
    case "NOT_IMPLEMENTED":
      return refused(what, cause);
    default:
      return new ConnectionError(`The connection to RabbitMQ broke while it was to ${what}: ${cause.message}`, {
        cause,
      });
  }
}

/** Whether a channel was closed since a delivery was not acknowledged for longer than the server allows. */
export function isAckTimeout(error: unknown): boolean {
  return error instanceof Error && /delivery acknowledgement on channel \d+ timed out/i.test(error.message);
}

/** Whether a queue exists and cannot be used, since the only node that keeps it is down. */
export function isNodeDown(error: unknown): boolean {
  return error instanceof Error && /is down or inaccessible/i.test(error.message);
}

/** The server took its deliveries away because a task ran too long. */
function ackTimedOut(cause: Error): ServerError {
  const value = /Timeout value used: (\d+) ms/i.exec(cause.message)?.[1];
  const limit = value === undefined ? "its consumer_timeout" : `its consumer_timeout of ${value} ms`;
  return new ServerError(
    `A task ran longer than RabbitMQ waits for an acknowledgement (${limit}), so the server gives all deliveries of this consumer to others: raise consumer_timeout in rabbitmq.conf (from 3.12 on also by the option consumerTimeoutMs), or make the task shorter`,
    { cause, retryable: true },
  );
}

/** The server did not answer a command in time. */
export function unanswered(what: string, timeoutMs: number): ConnectionError {
  return new ConnectionError(`RabbitMQ did not ${what} within ${timeoutMs} ms`);
}

/** The server takes no messages for now: memory or disk are short. */
export function blockedError(reason: string): ServerError {
  return new ServerError(
    `RabbitMQ takes no messages at the moment (${reason}): it is short of memory or disk; consumers go on, so that it can recover`,
    { retryable: true },
  );
}

/** A bounded queue is full. */
export function queueFull(queue: string, maxLength: number): QueueFullError {
  return new QueueFullError(
    `Queue "${queue}" holds the ${maxLength} messages that maxLength allows: wait until workers have caught up`,
  );
}

/** A queue without a bound refused a message. */
export function queueIll(queue: string): ServerError {
  return new ServerError(
    `Queue "${queue}" refused a message: it cannot store any at the moment, as while its nodes elect a leader`,
    { retryable: true },
  );
}

/** The server ended the channel for one of the messages that were under way, perhaps for another one. */
export function refusedAmongOthers(error: Error): ServerError {
  return new ServerError(`${error.message} (that, or a message beside it)`, { cause: error.cause, retryable: true });
}

/** The message is larger than the server takes. */
export function tooLarge(bytes: number, limit: number): ServerError {
  return new ServerError(
    `A message of ${bytes} bytes is larger than the ${limit} that RabbitMQ takes: send less, or a reference to it, or raise max_message_size in rabbitmq.conf`,
    { retryable: false },
  );
}

/** No queue took the message. */
export function unroutable(destination: string): ServerError {
  return new ServerError(`RabbitMQ had no queue for a message to ${destination}`, { retryable: true });
}

/** What every method of a closed driver rejects with. */
export function closedError(): ClosedError {
  return new ClosedError("The RabbitMQ driver was closed: create a new one");
}

function refused(what: string, cause: Error): ServerError {
  return new ServerError(`RabbitMQ refused to ${what}: ${cause.message}`, { cause, retryable: false });
}

function noVhost(address: string, vhost: string, username: string, cause: Error): AccessError {
  return new AccessError(
    `RabbitMQ at ${address} does not let user "${username}" into virtual host "${vhost}": create it (rabbitmqctl add_vhost), grant the user permissions in it, or correct the option vhost (${cause.message})`,
    { cause },
  );
}

/** By the code of the socket's error. */
const CONNECT_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused (ECONNREFUSED). Is the server running, and are host and port right?",
  ENOTFOUND: "the host name cannot be resolved (ENOTFOUND). Check the option host",
  EAI_AGAIN: "the host name cannot be resolved at the moment (EAI_AGAIN)",
  ETIMEDOUT: "no answer (ETIMEDOUT). Check host, port and firewalls",
  CONNECTION_TIMEOUT: "no answer within connectTimeoutMs. Check host, port, tls and firewalls",
  ECONNRESET: "the server closed the connection (ECONNRESET). Check that port is its AMQP port, and tls",
  EPIPE: "the server closed the connection (EPIPE). Check that port is its AMQP port, and tls",
  CONN_CLOSE: "the server closed the connection. Check that port is its AMQP port, and tls",
};

/** By the code of the TLS error. */
const CERTIFICATE_ERRORS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed. Give its authority by tlsCaFile",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not known here. Give it by tlsCaFile",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is not known here. Give it by tlsCaFile",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is not known here. Give it by tlsCaFile",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not known here. Give it by tlsCaFile",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name. Give that name by tlsServername, or connect by it",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
};

/** A copy with name, message and code only, so that nothing that a client attaches to its errors is ever printed. */
function bare(error: unknown): Error & { code?: string } {
  if (!(error instanceof Error)) return new Error(String(error));
  const copy: Error & { code?: string } = new Error(error.message);
  copy.name = error.name;
  const code = codeOf(error);
  if (code !== "") copy.code = code;
  return copy;
}
