import { inspect } from "node:util";
import { AccessError, ConfigError, ConnectionError, ServerError } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { fromCommand, fromConnect, fromServerText, serverErrorCode, UnansweredError } from "./errors.js";

const AT = "redis.test:6379";

/** An error as the client library makes it. */
function replyError(message: string): Error {
  return Object.assign(new Error(message), {
    name: "ReplyError",
    command: { name: "evalsha", args: ["sha", "1", "key", "a task's input"] },
  });
}

function socketError(code: string): Error {
  return Object.assign(new Error(`socket trouble ${code}`), { code, syscall: "connect" });
}

describe("an answer of the server", () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", ServerError, true],
    ["READONLY You can't write against a read only replica.", ServerError, true],
    ["LOADING Redis is loading the dataset in memory", ServerError, true],
    ["BUSY Redis is busy running a script.", ServerError, true],
    ["MISCONF Redis is configured to save RDB snapshots", ServerError, true],
    ["NOREPLICAS Not enough good replicas to write.", ServerError, true],
    ["NOGROUP No such key", ServerError, true],
    ["UNBLOCKED the stream key no longer exists", ServerError, true],
    ["MASTERDOWN Link with MASTER is down", ServerError, true],
    ["WRONGTYPE Operation against a key", ServerError, false],
    ["MOVED 1 10.0.0.1:6379", ServerError, true],
    ["ASK 1 10.0.0.1:6379", ServerError, true],
    ["TRYAGAIN Multiple keys request during rehashing of slot", ServerError, true],
    ["CLUSTERDOWN The cluster is down", ServerError, true],
    ["CROSSSLOT Keys in request don't hash to the same slot", ServerError, false],
    ["ERR something else", ServerError, false],
    ["-OOM as older servers report it inside scripts", ServerError, true],
    ["@user_script: 18: -OOM command not allowed when used memory > 'maxmemory'.", ServerError, true],
    ["@user_script: 88: -READONLY You can't write against a read only replica.", ServerError, true],
    ["ERR Error running script (call to f_0f3a): @user_script:7: WRONGTYPE Operation", ServerError, false],
    ["ERR Error running script (call to f_0f3a): @user_script:7: @user_script: 7: -OOM", ServerError, true],
  ] as const)("%s says whether it passes", (text, type, retryable) => {
    const error = fromServerText(text, AT);
    expect(error).toBeInstanceOf(type);
    expect(error.retryable).toBe(retryable);
    expect(error.message).toContain(AT);
  });

  it.each([
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair",
    "NOPERM this user has no permissions to run the 'xadd' command",
    "ERR The user executing the script can't run this command or subcommand",
    "ERR ACL failure in script: User w has no permissions to run the 'xack' command",
    "ERR ACL failure in script: No permissions to access a key",
  ])("%s is a matter of access", (text) => {
    expect(fromServerText(text, AT)).toBeInstanceOf(AccessError);
  });

  it("keeps its code for the driver", () => {
    expect(serverErrorCode(fromServerText("NOSCRIPT No matching script.", AT))).toBe("NOSCRIPT");
    expect(serverErrorCode(new Error("NOSCRIPT"))).toBeUndefined();
  });

  it("is told without the arguments of the command", () => {
    const error = fromCommand(
      replyError("ERR unknown command 'EVALSHA', with args beginning with: 'secret' "),
      AT,
      false,
    );
    const shown = inspect(error, { depth: 20, showHidden: true });
    expect(shown).not.toContain("a task's input");
    expect(shown).not.toContain("secret");
    expect(error.message).toContain("lacks a command");
  });
});

describe("a command that fails", () => {
  it.each(["Command timed out", "Connection is closed.", "read ECONNRESET"])(
    "without an answer (%s) is in doubt",
    (message) => {
      const error = fromCommand(new Error(message), AT, false);
      expect(error).toBeInstanceOf(UnansweredError);
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error.name).toBe("ConnectionError");
    },
  );

  it("is told without the arguments that the client library attaches", () => {
    const aborted = Object.assign(new Error("Command aborted"), {
      command: { name: "xadd", args: ["a task's input"] },
    });
    const shown = [fromCommand(aborted, AT, false), fromConnect(aborted, AT, false)];
    expect(inspect(shown, { depth: 20, showHidden: true })).not.toContain("a task's input");
  });

  it("before it was written is not in doubt", () => {
    const error = fromCommand(new Error("Stream isn't writeable and enableOfflineQueue options is false"), AT, false);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).not.toBeInstanceOf(UnansweredError);
  });
});

describe("a connection that cannot be opened", () => {
  it.each(["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH"])("because of %s may be tried again", (code) => {
    const error = fromConnect(socketError(code), AT, false);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(`Cannot connect to Redis at ${AT}`);
    expect(error.message).toContain(code);
  });

  it.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED", "EPROTO"])(
    "because of %s needs a person",
    (code) => {
      expect(fromConnect(socketError(code), AT, true)).toBeInstanceOf(ConfigError);
    },
  );
});
