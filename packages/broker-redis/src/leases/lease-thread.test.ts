import type { Logger } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { redisSection } from "../config.js";
import { LeaseThread } from "./lease-thread.js";

const QUEUE = { queue: "q", consumer: "w", streams: ["s"] };

describe("the thread that keeps leases", () => {
  let log: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  let thread: LeaseThread;

  beforeEach(() => {
    log = [];
  });
  afterEach(async () => {
    await thread.close();
  });

  function make(program: string | undefined, { leaseThread = true, restartMs = 0 } = {}): LeaseThread {
    const note = (fields: Readonly<Record<string, unknown>>, message: string) => void log.push({ message, fields });
    const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    const config = { ...v.parse(redisSection.schema, {}), leaseMs: 500, leaseThread };
    const url =
      program === undefined ? undefined : new URL(`../../test/threaded/programs/${program}.mjs`, import.meta.url);
    thread = new LeaseThread({ config, nonce: "leases", logger, program: url, restartMs });
    thread.watch("q", QUEUE);
    return thread;
  }

  const said = (message: string) => log.filter((line) => line.message === message);
  const NONE =
    "No thread can renew leases: a task that blocks the event loop for longer than the lease may be run twice";
  const ENDED = "The thread that renews leases ended, and is started again";

  it("is started once, when something is held, and ends when it is closed", async () => {
    make("mortal");
    expect(thread.running).toBe(false);
    thread.start();
    thread.start();
    await eventually(() => said("at its post").length > 0);
    expect(thread.running).toBe(true);
    await thread.close();
    expect(thread.running).toBe(false);
    thread.start();
    expect(thread.running).toBe(false);
    expect(said("at its post")).toHaveLength(1);
    expect(said(ENDED)).toHaveLength(0);
  });

  it("is started again by itself when it fails", async () => {
    make("mortal").start();
    await eventually(() => said("at its post").length === 1);
    thread.watch("another", QUEUE);
    await eventually(() => said("at its post").length === 2);
    expect(said(ENDED)).toMatchObject([{ fields: { err: { message: "the thread fails" } } }]);
    expect(thread.running).toBe(true);
  });

  it("is started again no sooner than after a pause", async () => {
    make("mortal", { restartMs: 600_000 }).start();
    await eventually(() => said("at its post").length === 1);
    thread.watch("another", QUEUE);
    await eventually(() => said(ENDED).length === 1);
    thread.start();
    expect(thread.running).toBe(false);
  });

  it("is done without, with one word about it, where its program cannot be loaded", async () => {
    make("broken").start();
    await eventually(() => said(NONE).length === 1);
    thread.start();
    expect(thread.running).toBe(false);
    expect(log).toMatchObject([{ fields: { err: { message: "broken at its start" }, leaseMs: 500 } }]);
  });

  it("is done without where its program is not beside the driver's, as in a bundle and in these sources", () => {
    make(undefined).start();
    thread.start();
    expect(thread.running).toBe(false);
    expect(said(NONE)).toHaveLength(1);
  });

  it("is not started where the config wants none", () => {
    make("mortal", { leaseThread: false }).start();
    expect(thread.running).toBe(false);
    expect(log).toEqual([]);
  });
});
