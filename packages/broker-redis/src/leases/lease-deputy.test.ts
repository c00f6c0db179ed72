import type { Logger } from "@chicory/core";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { LeaseDeputy } from "./lease-deputy.js";

const LEASE_MS = 12_000;
/** A third of the lease is 4 s, and a quarter of that. */
const LOOK_MS = 1_000;

describe("the deputy of an event loop", () => {
  let lastBeat: number;
  let now: number;
  let renewals: number[];
  let rests: number;
  let failure: Error | undefined;
  let log: string[];
  let deputy: LeaseDeputy;

  beforeEach(() => {
    lastBeat = 0;
    now = 0;
    renewals = [];
    rests = 0;
    failure = undefined;
    log = [];
    const note = (_: unknown, message: string) => void log.push(message);
    const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    deputy = new LeaseDeputy({
      pulse: {
        get silentMs() {
          return now - lastBeat;
        },
      },
      leaseMs: LEASE_MS,
      patienceMs: () => 30_000,
      logger,
      renew: () => {
        renewals.push(now);
        return failure === undefined ? Promise.resolve() : Promise.reject(failure);
      },
      rest: () => {
        rests += 1;
      },
    });
  });

  /** Time passes, with a look every second; the loop beats as often if it runs. */
  async function pass(untilMs: number, loop: "runs" | "is blocked"): Promise<void> {
    while (now < untilMs) {
      now += LOOK_MS;
      // The beat of this second comes just after the look.
      await deputy.look(now);
      if (loop === "runs") lastBeat = now;
    }
  }

  it("does nothing while the loop runs", async () => {
    await pass(60_000, "runs");
    expect(renewals).toEqual([]);
    expect(rests).toBe(0);
  });

  it("renews within 7/12 of a lease from the last time that the loop could, and three times a lease", async () => {
    await pass(4_000, "runs");
    await pass(20_000, "is blocked");
    expect(renewals).toEqual([6_000, 10_000, 14_000, 18_000]);
    // The loop renews every 4 s, so it did after 0 s at the latest.
    expect(renewals[0]).toBeLessThanOrEqual((7 / 12) * LEASE_MS);
  });

  it("leaves it to the loop again when that is back, and gives up its means", async () => {
    await pass(3_000, "is blocked");
    lastBeat = now;
    await pass(20_000, "runs");
    expect(renewals).toEqual([2_000]);
    expect(rests).toBe(1);
    expect(log).toEqual(["Leases were renewed from a thread"]);
  });

  it("gives up its means also when the loop is back before it could renew", async () => {
    now = 2_000;
    const looking = deputy.look(now);
    lastBeat = now;
    await deputy.look(now);
    await looking;
    expect(renewals).toEqual([2_000]);
    expect(rests).toBe(2);
  });

  it("lets a loop that hangs lose its leases, until it is back", async () => {
    await pass(60_000, "is blocked");
    expect(renewals.at(-1)).toBe(26_000);
    expect(rests).toBe(1);
    expect(log).toEqual(["The event loop hangs for longer than a task may take: its leases are given up"]);
    lastBeat = now;
    await pass(62_000, "runs");
    await pass(64_000, "is blocked");
    expect(renewals.at(-1)).toBe(64_000);
  });

  it("tries again soon when a renewal fails, and says so once", async () => {
    failure = new Error("no connection");
    await pass(4_000, "is blocked");
    failure = undefined;
    await pass(6_000, "is blocked");
    expect(renewals).toEqual([2_000, 3_000, 4_000, 5_000]);
    expect(log).toEqual(["Leases could not be renewed yet while the event loop is blocked"]);
  });
});
