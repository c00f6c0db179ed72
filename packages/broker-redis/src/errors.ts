import { AccessError, BrokerError, ConfigError, ConnectionError, ServerError } from "@chicory/core";

/**
 * A command was written and no answer came: it may have been executed. To users this is a {@link ConnectionError};
 * the driver needs the difference to one that was never sent.
 */
export class UnansweredError extends ConnectionError {}

/** Text of the error by which a connection says that it was given up for want of an answer. */
export const TIMED_OUT = "Command timed out";

/** What the server said, without the command and its arguments that the client library attaches. */
class ServerReply extends Error {
  readonly serverCode: string;

  constructor(text: string) {
    // "unknown command" quotes arguments, which may be a task's input.
    super(text.replace(/,? with args beginning with.*/s, "").replace(PLACE_IN_SCRIPT, ""));
    this.name = "RedisReply";
    this.serverCode = /^-?([A-Z]+)\b/.exec(this.message)?.[1] ?? "ERR";
  }
}

/** What servers before 7.0 write before the error of a command inside a script: the call, and lines of the script. */
const PLACE_IN_SCRIPT = /^-?(?:ERR Error running script \(call to \w+\): ?)?(?:@\w+: ?\d+: )+-?/;

/** The first word of the server's answer, such as "OOM", if this error is an answer of the server. */
export function serverErrorCode(error: unknown): string | undefined {
  return error instanceof Error && error.cause instanceof ServerReply ? error.cause.serverCode : undefined;
}

/** The server's answer as it wrote it, if this error is an answer of the server. */
export function serverErrorText(error: unknown): string | undefined {
  return error instanceof Error && error.cause instanceof ServerReply ? error.cause.message : undefined;
}

/** Translates an error text that the server returned, as an error reply or inside the reply of a script. */
export function fromServerText(text: string, address: string): BrokerError {
  const cause = new ServerReply(text);
  const known = SERVER_ERRORS[cause.serverCode];
  if (known !== undefined) return known(`Redis at ${address}`, cause);
  // A command that is refused inside a script is reported without its code.
  if (/no permissions|can't (run|access)/i.test(text)) return lacksPermission(`Redis at ${address}`, cause);
  if (/unknown (redis )?command/i.test(text)) {
    return new ServerError(`Redis at ${address} lacks a command that Chicory needs: ${cause.message}`, final(cause));
  }
  return new ServerError(`Redis at ${address} answered: ${cause.message}`, final(cause));
}

/** Says which rights the user lacks; they are named as `ACL SETUSER` takes them. */
export function missingRights(rights: readonly string[], address: string): AccessError {
  return new AccessError(
    `This user of Redis at ${address} lacks rights that a worker needs on its keys: grant ${rights.join(" ")} by ACL SETUSER`,
  );
}

/** Translates what a command rejected with. `unwritten` says that the command certainly did not leave this process. */
export function fromCommand(error: unknown, address: string, unwritten: boolean): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === "ReplyError") return fromServerText(text, address);
  const cause = bare(error);
  if (unwritten || text.startsWith("Stream isn't writeable")) {
    return new ConnectionError(`Redis at ${address} is not connected`, { cause });
  }
  if (text === TIMED_OUT) {
    return new UnansweredError(`Redis at ${address} did not answer in time`, { cause });
  }
  return new UnansweredError(`The connection to Redis at ${address} broke`, { cause });
}

/** Translates why a connection could not be opened. `byTls` says that TLS was tried. */
export function fromConnect(error: unknown, address: string, byTls: boolean): BrokerError | ConfigError {
  if (error instanceof BrokerError || error instanceof ConfigError) return error;
  if (error instanceof Error && error.name === "ReplyError") return fromServerText(error.message, address);
  const cause = bare(error);
  const code = cause.code ?? "";
  const certificate = CERTIFICATE_ERRORS[code];
  if (certificate !== undefined) {
    return new ConfigError(`The TLS certificate of Redis at ${address} is not accepted: ${certificate} (${code})`, {
      cause,
    });
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return new ConfigError(`Redis at ${address} does not speak TLS on this port: check the option tls, and the port`, {
      cause,
    });
  }
  if (code === "ETIMEDOUT" && byTls) {
    // A server that does not speak TLS waits for the rest of what it takes for a command.
    const reason = "no answer to the TLS handshake (ETIMEDOUT). Does the server speak TLS on this port?";
    return new ConnectionError(`Cannot connect to Redis at ${address}: ${reason}`, { cause });
  }
  const reason = CONNECT_ERRORS[code] ?? `${cause.message}${code === "" ? "" : ` (${code})`}`;
  return new ConnectionError(`Cannot connect to Redis at ${address}: ${reason}`, { cause });
}

type Translator = (server: string, cause: ServerReply) => BrokerError;

const passing = (says: string): Translator => {
  return (server, cause) => new ServerError(`${server} ${says}: ${cause.message}`, { retryable: true, cause });
};

const final = (cause: Error) => ({ retryable: false, cause });

const lacksPermission: Translator = (server, cause) =>
  new AccessError(
    `${server} does not permit this user a command or key that Chicory needs: ${cause.message}. Grant it by ACL SETUSER`,
    { cause },
  );

/** By the first word of the server's answer. */
const SERVER_ERRORS: Readonly<Record<string, Translator>> = {
  NOAUTH: (server, cause) => new AccessError(`${server} requires a password: set the option password`, { cause }),
  WRONGPASS: (server, cause) =>
    new AccessError(`${server} refused the credentials: check the options username and password`, { cause }),
  NOPERM: lacksPermission,
  OOM: passing("has no memory left (maxmemory)"),
  READONLY: passing("is a read-only replica"),
  MASTERDOWN: passing("is a replica without its master"),
  LOADING: passing("is loading its data"),
  BUSY: passing("is busy running a script"),
  MISCONF: passing("refuses writes since it cannot save to disk"),
  NOREPLICAS: passing("refuses writes since too few replicas are connected"),
  NOGROUP: passing("lost a consumer group"),
  UNBLOCKED: passing("ended a blocking read"),
  TRYAGAIN: passing("is moving the queue to another node of its cluster"),
  ASK: passing("is moving the queue to another node of its cluster"),
  MOVED: passing("is a node of a cluster, in which another one serves the queue (see the option cluster)"),
  CLUSTERDOWN: passing("belongs to a cluster that is down"),
  WRONGTYPE: (server, cause) =>
    new ServerError(
      `${server} has a key of another type where Chicory keeps a queue: remove that key, or choose another keyPrefix`,
      final(cause),
    ),
};

/** By the code of the socket's error. */
const CONNECT_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused (ECONNREFUSED). Is the server running, and are host and port right?",
  ENOTFOUND: "the host name cannot be resolved (ENOTFOUND). Check the option host",
  EAI_AGAIN: "the host name cannot be resolved at the moment (EAI_AGAIN)",
  ETIMEDOUT: "no answer (ETIMEDOUT). Check host, port and firewalls",
  ENOENT: "the socket file does not exist (ENOENT). Check the option socketPath",
  EACCES: "the socket file may not be opened by this user (EACCES)",
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

/** A copy with name, message and code only: the client library attaches commands with their arguments. */
function bare(error: unknown): Error & { code?: string } {
  if (!(error instanceof Error)) return new Error(String(error));
  const copy: Error & { code?: string } = new Error(error.message);
  copy.name = error.name;
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "string") copy.code = code;
  return copy;
}
