import {
  AccessError,
  ConfigError,
  ConnectionError,
  InvalidInputError,
  PublishError,
  QueueFullError,
  WorkerError,
} from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { CommandError, UsageError } from "./command-error.js";
import { explain } from "./explain.js";

const message = { id: "a", queue: "q", body: "{}", mode: "at-least-once", priority: 0 } as const;
const publishError = (cause: Error) => new PublishError([{ message, outcome: "rejected", cause }]);

describe("explain", () => {
  it.each([
    ["a usage error", new UsageError("x"), 2],
    ["a config error", new ConfigError("x"), 2],
    ["input that a schema refuses", new InvalidInputError("add", []), 2],
    ["a command that failed", new CommandError("x"), 1],
    ["a worker that could not go on", new WorkerError("x"), 1],
    ["an error of nobody", new TypeError("x"), 1],
    ["a broker that cannot be reached", new ConnectionError("x"), 3],
    ["a broker that refuses the user", new AccessError("x"), 3],
    ["a send that a broken connection failed", publishError(new ConnectionError("x")), 3],
    ["a send that a full queue refused", publishError(new QueueFullError("x")), 1],
    ["a worker that lost the broker", new WorkerError("x", { cause: new ConnectionError("x") }), 3],
    ["a worker that met a promise nobody handles", new WorkerError("x", { cause: new Error("x") }), 1],
    ["a thrown string", "x", 1],
  ])("gives %s its exit code", (_, error, exitCode) => {
    expect(explain(error).exitCode).toBe(exitCode);
  });

  it("keeps user and password of a URL out of message and stack", () => {
    const cause = new Error("connect redis://me:pa55@host:6379");
    const { message: text, stack } = explain(
      new ConnectionError("no answer from redis://me:pa55@host:6379", { cause }),
    );
    expect(text).toBe("no answer from redis://[redacted]@host:6379");
    expect(stack).toContain("Caused by: Error: connect redis://[redacted]@host:6379");
    expect(stack).not.toContain("pa55");
  });

  it("says why a broker package fails while it is loaded", () => {
    const error = new ConfigError('The broker package "x" fails while it is loaded', {
      cause: new Error("no such file"),
    });
    expect(explain(error).message).toBe('The broker package "x" fails while it is loaded: no such file');
  });

  it("ends although an error is its own cause", () => {
    const error = new Error("x");
    error.cause = error;
    expect(explain(error).stack).toContain("Caused by");
  });
});
