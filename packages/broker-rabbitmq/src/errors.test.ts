import { AccessError, ConfigError, ConnectionError, ServerError } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { fromChannel, fromConnect, isAckTimeout } from "./errors.js";

const failure = (code: string, message = code) => Object.assign(new Error(message), { code });

describe("why a connection could not be opened", () => {
  it.each(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "CONNECTION_TIMEOUT", "CONN_CLOSE"])(
    "names the address and what to check: %s",
    (code) => {
      const error = fromConnect(failure(code), "mq:5672", "/", "guest");
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error.message).toMatch(/mq:5672.*(Check|Is the server)/);
    },
  );

  it("is final where the server refused the user or the virtual host", () => {
    const login = fromConnect(failure("ACCESS_REFUSED", "ACCESS_REFUSED - Login was refused"), "mq:5672", "/", "me");
    expect(login).toBeInstanceOf(AccessError);
    expect(login.message).toContain('user "me"');
    const vhost = fromConnect(failure("NOT_ALLOWED", "NOT_ALLOWED - vhost x not found"), "mq:5672", "x", "me");
    expect(vhost).toBeInstanceOf(AccessError);
    expect(vhost.message).toContain('virtual host "x"');
  });

  it("is a matter of config where a certificate is not accepted", () => {
    const error = fromConnect(failure("CERT_HAS_EXPIRED"), "mq:5671", "/", "me");
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain("expired");
  });
});

describe("why a command failed", () => {
  it("says that a task was too long, with the server's limit", () => {
    // As RabbitMQ 3.10.8 writes it.
    const reason = failure(
      "PRECONDITION_FAILED",
      "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 1800000 ms. This timeout value can be configured",
    );
    expect(isAckTimeout(reason)).toBe(true);
    const error = fromChannel(reason, "consume");
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toContain("consumer_timeout of 1800000 ms");
  });

  it("says which right is missing, and keeps what a client attaches to itself", () => {
    const refused = Object.assign(failure("ACCESS_REFUSED", "ACCESS_REFUSED - access to queue 'x' refused"), {
      args: ["a task's input"],
    });
    const error = fromChannel(refused, 'declare queue "x"');
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(/declare queue "x".*set_permissions/);
    expect(error.cause).not.toHaveProperty("args");
  });

  it("passes on what was translated before", () => {
    const error = new ConnectionError("gone");
    expect(fromChannel(error, "x")).toBe(error);
    expect(fromConnect(error, "a", "/", "u")).toBe(error);
  });
});
