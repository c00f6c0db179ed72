import { describe, expect, it } from "@jest/globals";
import { toWorkerFlags, type WorkerArguments } from "./worker-arguments.js";

const NONE: WorkerArguments = {
  app: "tasks:app",
  logLevel: undefined,
  logFormat: undefined,
  queue: undefined,
  concurrency: undefined,
  workers: undefined,
  shutdownTimeout: undefined,
  maxDeliveries: undefined,
  name: undefined,
  dlq: undefined,
  lookAhead: undefined,
};

describe("toWorkerFlags", () => {
  it("leaves out every flag that was not given, so that config and environment hold", () => {
    expect(Object.keys(toWorkerFlags(NONE))).toEqual([]);
  });

  it("maps each flag to its option", () => {
    const args = {
      ...NONE,
      queue: ["high=16", "low"],
      concurrency: 8,
      workers: 4,
      shutdownTimeout: 0,
      maxDeliveries: 3,
      name: "mailer",
      dlq: false,
      lookAhead: false,
    };
    expect(toWorkerFlags(args)).toEqual({
      queues: ["high=16", "low"],
      concurrency: 8,
      shutdownTimeoutMs: 0,
      maxDeliveries: 3,
      name: "mailer",
      deadLetters: false,
      lookAhead: false,
    });
  });

  it("keeps the names of several processes apart", () => {
    expect(toWorkerFlags({ ...NONE, name: "mailer" }, 2)).toEqual({ name: "mailer-2" });
  });
});
