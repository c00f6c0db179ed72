import { describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { delivery, message, task } from "../../test/deliveries.js";
import { gate } from "../../test/fake-driver.js";
import { ShutdownError, TaskFailedError, TaskRetryError, TaskTimeoutError } from "../errors/task-errors.js";
import { silentLogger } from "../logging/logger.js";
import type { Envelope } from "../wire/envelope.js";
import { Attempt, type AttemptOptions, startAttempt } from "./attempt.js";
import type { Middleware } from "./middleware.js";
import { currentTask, type TaskContext } from "./task-context.js";
import type { TaskHandler, TaskOptions } from "./task-definition.js";

function start(
  handler: TaskHandler,
  {
    options = {},
    sent = message(),
    ...more
  }: { options?: TaskOptions; sent?: Envelope } & Partial<AttemptOptions> = {},
) {
  const run = {
    kind: "run",
    delivery: delivery(sent),
    task: task(options, handler),
    message: sent,
    mode: "at-least-once",
  } as const;
  return startAttempt(run, {
    logger: silentLogger,
    middleware: [],
    timeoutGraceMs: 10,
    ...more,
  });
}

describe("attempt", () => {
  it("calls the handler with the input and its context", async () => {
    const sent = message({ retries: 2, headers: { trace: "x" } });
    const seen: [unknown, TaskContext][] = [];
    const { result } = start((input, context) => void seen.push([input, context]), { sent });
    await result;
    expect(seen).toMatchObject([
      [
        { a: 1 },
        { id: "m-1", name: "t", queue: "q", attempt: 3, maxRetries: 3, enqueuedAt: 1_000, headers: { trace: "x" } },
      ],
    ]);
  });

  it("gives what the handler returns, at once or later", async () => {
    await expect(start(() => 5).result).resolves.toEqual({ kind: "returned", value: 5 });
    await expect(start(async () => 6).result).resolves.toEqual({ kind: "returned", value: 6 });
  });

  it.each([new Error("x"), undefined, "text", null])("gives whatever is thrown: %p", async (thrown) => {
    const throwing = () => {
      throw thrown;
    };
    await expect(start(throwing).result).resolves.toEqual({ kind: "threw", error: thrown });
    await expect(start(async () => throwing()).result).resolves.toEqual({ kind: "threw", error: thrown });
  });

  it("hands the schema's output to the handler, and refuses input that does not fit before it", async () => {
    const schema = v.object({
      a: v.pipe(
        v.number(),
        v.transform((n) => n + 1),
      ),
    });
    await expect(start((input) => input, { options: { input: schema } }).result).resolves.toEqual({
      kind: "returned",
      value: { a: 2 },
    });
    const refused = await start(() => 1, { options: { input: schema }, sent: message({ input: { a: "4111" } }) })
      .result;
    expect(refused).toMatchObject({ kind: "refused", error: { issues: [{ path: "a" }] } });
    expect(String(Reflect.get(refused, "error"))).not.toContain("4111");
  });

  it("calls a schema that itself throws a failure of the attempt", async () => {
    const broken = {
      "~standard": {
        version: 1,
        vendor: "x",
        validate: () => {
          throw new Error("broken");
        },
      },
    } as const;
    await expect(start(() => 1, { options: { input: broken } }).result).resolves.toMatchObject({ kind: "threw" });
  });

  it("answers currentTask() at any depth of the handler, and nowhere else", async () => {
    const deep = async () => {
      await new Promise(setImmediate);
      return currentTask()?.id;
    };
    await expect(start(deep).result).resolves.toEqual({ kind: "returned", value: "m-1" });
    expect(currentTask()).toBeUndefined();
  });

  it("ends by ctx.retry() and ctx.fail()", async () => {
    const retry = await start((_, context) => context.retry({ delayMs: 5, reason: "later" })).result;
    expect(retry).toMatchObject({ kind: "threw", error: { delayMs: 5, message: "later" } });
    expect(Reflect.get(retry, "error")).toBeInstanceOf(TaskRetryError);
    const fail = await start((_, context) => context.fail("no such user")).result;
    expect(Reflect.get(fail, "error")).toBeInstanceOf(TaskFailedError);
  });

  it("aborts the signal at the timeout, and counts as timed out even if the handler then returns", async () => {
    const handler: TaskHandler = (_, { signal }) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve("too late")));
    const result = await start(handler, { options: { timeoutMs: 5 }, timeoutGraceMs: 60_000 }).result;
    expect(Reflect.get(result, "error")).toBeInstanceOf(TaskTimeoutError);
  });

  it("does not wait for a handler that ignores its timeout beyond the grace, and says when it ends", async () => {
    const blocked = gate();
    const attempt = start(() => blocked.opened, { options: { timeoutMs: 5 }, timeoutGraceMs: 5 });
    await expect(attempt.result).resolves.toMatchObject({ kind: "threw", error: expect.any(TaskTimeoutError) });
    let ended = false;
    void attempt.ended.then(() => {
      ended = true;
    });
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    blocked.open();
    await attempt.ended;
  });

  it("takes what a handler returns in time", async () => {
    await expect(start(() => 5, { options: { timeoutMs: 60_000 } }).result).resolves.toEqual({
      kind: "returned",
      value: 5,
    });
  });
});

describe("what an attempt does for its worker", () => {
  it("makes a signal that is aborted already if it is asked for after the abort", async () => {
    const blocked = gate();
    const attempt = start(async (_, context) => {
      await blocked.opened;
      return context.signal.reason;
    });
    const reason = new ShutdownError();
    attempt.abort(reason);
    attempt.abort(new Error("a second reason"));
    blocked.open();
    await expect(attempt.result).resolves.toEqual({ kind: "returned", value: reason });
  });

  it("aborts a signal that is in use", async () => {
    const attempt = start(
      (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const error = new ShutdownError();
    attempt.abort(error);
    await expect(attempt.result).resolves.toEqual({ kind: "threw", error });
  });

  it("does not ask the schema again for input that was validated", async () => {
    const once = v.pipe(
      v.string(),
      v.transform(() => 1),
    );
    const { result } = start((input) => input, { options: { input: once }, validated: { input: 1 } });
    await expect(result).resolves.toEqual({ kind: "returned", value: 1 });
  });

  it("takes any thenable for a promise, and one that breaks for a failure", async () => {
    // biome-ignore lint/suspicious/noThenProperty: that is what a foreign promise library returns
    const foreign = { then: (resolve: (value: number) => void) => resolve(7) };
    await expect(start(() => foreign).result).resolves.toEqual({ kind: "returned", value: 7 });
    // biome-ignore lint/suspicious/noThenProperty: as above
    const broken = Object.defineProperty({}, "then", {
      get() {
        throw new Error("broken");
      },
    });
    await expect(start(() => broken).result).resolves.toMatchObject({ kind: "threw", error: { message: "broken" } });
  });

  it("tells its listener outside of the task", async () => {
    const told: unknown[] = [];
    const run = {
      kind: "run",
      delivery: delivery(message()),
      task: task({}, async () => 1),
      message: message(),
      mode: "at-least-once",
    } as const;
    await new Promise<void>((resolve) => {
      new Attempt(run, { logger: silentLogger, middleware: [], timeoutGraceMs: 10 }).start({
        onResult: ({ kind }) => void told.push(kind, currentTask()),
        onEnd: () => {
          told.push("ended", currentTask());
          resolve();
        },
      });
    });
    expect(told).toEqual(["returned", undefined, "ended", undefined]);
  });
});

describe("middleware", () => {
  const tracing = (name: string, events: string[]): Middleware => ({
    before: () => void events.push(`${name} before`),
    async around(_context, _input, next) {
      events.push(`${name} around`);
      const value = await next();
      events.push(`${name} done`);
      return `${name}(${String(value)})`;
    },
    after: (_context, outcome) => void events.push(`${name} after ${outcome.ok ? "ok" : "failed"}`),
  });

  it("nests in the order of adding, around the handler", async () => {
    const events: string[] = [];
    const middleware = [tracing("a", events), tracing("b", events)];
    const { result } = start(() => void events.push("handler"), { middleware });
    await expect(result).resolves.toEqual({ kind: "returned", value: "a(b(undefined))" });
    expect(events).toEqual([
      "a before",
      "a around",
      "b before",
      "b around",
      "handler",
      "b done",
      "b after ok",
      "a done",
      "a after ok",
    ]);
  });

  it("sees a failure, and cannot hide it by observing", async () => {
    const events: string[] = [];
    const error = new Error("boom");
    const { result } = start(() => Promise.reject(error), { middleware: [tracing("a", events)] });
    await expect(result).resolves.toEqual({ kind: "threw", error });
    expect(events).toEqual(["a before", "a around", "a after failed"]);
  });

  it("fails the attempt by throwing before it, and the handler does not run", async () => {
    let ran = false;
    const middleware: Middleware[] = [{ before: () => Promise.reject(new Error("not now")) }];
    const { result } = start(
      () => {
        ran = true;
      },
      { middleware },
    );
    await expect(result).resolves.toMatchObject({ kind: "threw", error: { message: "not now" } });
    expect(ran).toBe(false);
  });

  it("cannot turn a success into a failure by throwing after it, which is logged", async () => {
    const logged: string[] = [];
    const logger = { ...silentLogger, error: (_: unknown, text: string) => void logged.push(text) };
    const middleware: Middleware[] = [
      {
        after: () => {
          throw new Error("metrics are down");
        },
      },
    ];
    await expect(start(() => 5, { middleware, logger }).result).resolves.toEqual({ kind: "returned", value: 5 });
    expect(logged).toEqual(["Middleware failed after a task"]);
  });
});
