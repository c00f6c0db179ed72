import { ClosedError, ConnectionError, silentLogger, WorkerError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { deferred, settled } from "../../test/deferred.js";
import { Emitter } from "../emitter.js";
import { Outage } from "../outage.js";
import { Reporter } from "../reporter.js";
import type { WorkerEvents } from "../worker-events.js";
import type { Session } from "./session.js";
import { SessionKeeper } from "./session-keeper.js";

function setUp(open: (call: number) => Promise<Session>) {
  const events = new Emitter<WorkerEvents>(silentLogger);
  const fatal: WorkerError[] = [];
  const outage = new Outage();
  const counts = { opens: 0, opened: 0, closings: 0, rebuilt: 0, errors: 0 };
  events.on("rebuilt", () => void counts.rebuilt++);
  events.on("queueError", () => void counts.errors++);
  const keeper = new SessionKeeper({
    open: () => {
      counts.opens += 1;
      return open(counts.opens);
    },
    onOpened: () => void counts.opened++,
    onClosing: () => void counts.closings++,
    onFatal: (error) => void fatal.push(error),
    outage,
    reporter: new Reporter("q", events, silentLogger),
  });
  return { keeper, counts, fatal, outage };
}

function session(): Session & { readonly calls: string[] } {
  const calls: string[] = [];
  const fake = {
    calls,
    stopFetching: () => void calls.push("stopFetching"),
    close: async () => void calls.push("close"),
  };
  return fake as Partial<Session> as Session & { readonly calls: string[] };
}

describe("session keeper", () => {
  it("replaces a session once, however often that is asked for meanwhile", async () => {
    const [first, second] = [session(), session()];
    const { keeper, counts } = setUp(async (call) => (call === 1 ? first : second));
    await keeper.start();
    keeper.replace();
    keeper.replace();
    await eventually(() => keeper.session === second);
    expect(first.calls).toEqual(["close"]);
    expect(counts).toEqual({ opens: 2, opened: 2, closings: 1, rebuilt: 1, errors: 0 });
  });

  it("tries again until a session can be opened, and notes the outage", async () => {
    const second = session();
    const error = new ConnectionError("gone");
    const { keeper, counts, outage } = setUp(async (call) => {
      if (call === 2 || call === 3) throw error;
      return call === 1 ? session() : second;
    });
    await keeper.start();
    keeper.replace();
    await eventually(() => keeper.session === second);
    expect(counts).toMatchObject({ errors: 2, rebuilt: 1 });
    expect(outage.error).toBe(error);
  });

  it("gives up when the driver was closed", async () => {
    const { keeper, fatal, counts } = setUp(async (call) => {
      if (call > 1) throw new ClosedError("closed");
      return session();
    });
    await keeper.start();
    keeper.replace();
    await eventually(() => fatal.length === 1);
    expect(fatal[0]).toBeInstanceOf(WorkerError);
    await settled();
    expect(counts.opens).toBe(2);
  });

  it("opens nothing more after a halt, which ends a pause", async () => {
    const { keeper, counts } = setUp(async (call) => {
      if (call > 1) throw new ConnectionError("gone");
      return session();
    });
    await keeper.start();
    keeper.replace();
    await eventually(() => counts.opens >= 2);
    keeper.halt();
    await keeper.close();
    const { opens } = counts;
    keeper.replace();
    await settled();
    expect(counts.opens).toBe(opens);
    expect(keeper.session).toBeUndefined();
  });

  it("closes a session that is opened after it was closed itself", async () => {
    const late = session();
    const opening = deferred<Session>();
    const { keeper, counts } = setUp(() => opening.promise);
    const started = keeper.start();
    keeper.halt();
    await keeper.close();
    opening.resolve(late);
    await started;
    expect(late.calls).toEqual(["close"]);
    expect([keeper.session, counts.opened]).toEqual([undefined, 0]);
  });

  it("lets a session that is opened after a halt fetch nothing", async () => {
    const late = session();
    const opening = deferred<Session>();
    const { keeper } = setUp(() => opening.promise);
    const started = keeper.start();
    keeper.halt();
    opening.resolve(late);
    await started;
    expect(late.calls).toEqual(["stopFetching"]);
    await keeper.close();
    expect(late.calls).toEqual(["stopFetching", "close"]);
  });
});
