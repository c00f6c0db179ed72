import { describe, expect, it } from "@jest/globals";
import { type SeenEntry, TakeoverPolicy } from "./takeover-policy.js";

const LEASE = 30_000;

function entry(idleMs: number, fields: Partial<SeenEntry> = {}): SeenEntry {
  return { id: "1-0", owner: "dead", idleMs, deliveryCount: 1, priority: 0, ...fields };
}

/** A policy whose time of grace is over at time 0. */
function policy(): TakeoverPolicy {
  return new TakeoverPolicy(LEASE, -LEASE);
}

const idsOf = (entries: readonly SeenEntry[]) => entries.map(({ id }) => id);

describe("the takeover policy", () => {
  it("takes over an entry that was seen idle twice, half a lease apart", () => {
    const takeover = policy();
    expect(takeover.observe([entry(LEASE)], 0)).toEqual([]);
    expect(takeover.observe([entry(LEASE + 7_500)], 7_500)).toEqual([]);
    expect(idsOf(takeover.observe([entry(LEASE + 15_000)], 15_000))).toEqual(["1-0"]);
  });

  it("leaves an entry alone whose lease has not run out", () => {
    const takeover = policy();
    takeover.observe([entry(LEASE - 1)], 0);
    expect(takeover.observe([entry(LEASE - 1)], 20_000)).toEqual([]);
  });

  it("takes nothing of owners that live when the server's clock jumps ahead by two hours", () => {
    const takeover = policy();
    const jumped = [entry(7_200_000, { id: "1-0", owner: "live" }), entry(7_230_000, { id: "2-0" })];
    expect(takeover.observe(jumped, 0)).toEqual([]);
    // Within a third of a lease the owner that lives has renewed.
    const after = [entry(5_000, { id: "1-0", owner: "live" }), entry(7_245_000, { id: "2-0" })];
    expect(idsOf(takeover.observe(after, 15_000))).toEqual(["2-0"]);
  });

  it("takes nothing of owners that live after an outage of the server, since it waits for them to renew", () => {
    const takeover = policy();
    takeover.connected(100_000);
    const silent = [entry(90_000, { id: "1-0", owner: "live" }), entry(90_000, { id: "2-0" })];
    expect(takeover.observe(silent, 100_001)).toEqual([]);
    const after = [entry(2_000, { id: "1-0", owner: "live" }), entry(105_000, { id: "2-0" })];
    expect(takeover.observe(after, 115_001)).toEqual([]);
    expect(idsOf(takeover.observe([entry(120_000, { id: "2-0" })], 130_001))).toEqual(["2-0"]);
  });

  it.each([
    ["was renewed in between", { idleMs: LEASE + 1_000 }],
    ["went to another owner", { owner: "other" }],
    ["was handed out again", { deliveryCount: 2 }],
  ])("begins to watch anew when an entry %s", (_, change) => {
    const takeover = policy();
    takeover.observe([entry(LEASE + 5_000)], 0);
    const changed = entry(LEASE + 20_000, change);
    expect(takeover.observe([changed], 15_000)).toEqual([]);
    const still = { ...changed, idleMs: changed.idleMs + 15_000 };
    expect(idsOf(takeover.observe([still], 30_000))).toEqual(["1-0"]);
  });

  it("forgets what it did not see again", () => {
    const takeover = policy();
    takeover.observe([entry(LEASE)], 0);
    takeover.observe([], 15_000);
    expect(takeover.observe([entry(LEASE + 30_000)], 30_000)).toEqual([]);
  });

  it("tells entries of different priorities apart", () => {
    const takeover = policy();
    takeover.observe([entry(LEASE, { priority: 0 })], 0);
    expect(takeover.observe([entry(LEASE + 15_000, { priority: 5 })], 15_000)).toEqual([]);
  });

  it("frees a dead worker's entries within two leases when it looks four times a lease", () => {
    const takeover = policy();
    let freedAt = Number.POSITIVE_INFINITY;
    // Dead at 0, last renewed then; looks come at the worst moment, just before the lease runs out.
    for (let now = LEASE / 4 - 1; freedAt === Number.POSITIVE_INFINITY; now += LEASE / 4) {
      if (takeover.observe(now >= LEASE ? [entry(now)] : [], now).length > 0) freedAt = now;
    }
    expect(freedAt).toBeLessThanOrEqual(2 * LEASE);
  });
});
