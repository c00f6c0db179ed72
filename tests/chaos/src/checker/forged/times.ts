import { Forge } from "../forge.js";
import type { ForgedCase } from "./forged-case.js";

const HOUR_MS = 3_600_000;

/** Forged histories about when something happens. */
export const forgedTimes: readonly ForgedCase[] = [
  {
    rule: "not-before-its-time",
    broken: new Forge().sent("a", { eta: 2_000 }).wait(990).ran("a"),
    nearMiss: new Forge().sent("a", { eta: 2_000 }).wait(996).ran("a"),
  },
  {
    rule: "not-before-its-time",
    // Ahead by an hour is not enough for a task that is due in two, and long ago is no excuse.
    broken: new Forge()
      .sent("a", { eta: 2 * HOUR_MS })
      .note({ kind: "clock", aheadMs: 3 * HOUR_MS })
      .wait(10)
      .note({ kind: "clock", aheadMs: HOUR_MS })
      .wait(3_000)
      .ran("a"),
    nearMiss: new Forge()
      .sent("a", { eta: 2 * HOUR_MS })
      .note({ kind: "clock", aheadMs: 3 * HOUR_MS })
      .wait(10)
      .note({ kind: "clock", aheadMs: HOUR_MS })
      .wait(1_000)
      .ran("a"),
  },
  {
    rule: "not-before-its-time",
    broken: new Forge().note({ kind: "clock", aheadMs: -HOUR_MS }).sent("a", { eta: 2_000 }).wait(5_000).ran("a"),
    nearMiss: new Forge()
      .note({ kind: "clock", aheadMs: -HOUR_MS })
      .sent("a", { eta: 2_000 })
      .wait(5_000)
      .note({ kind: "clock", aheadMs: 0 })
      .ran("a"),
  },
  {
    rule: "on-time",
    broken: new Forge().sent("a", { eta: 2_000 }).wait(2_000).ran("a"),
    nearMiss: new Forge()
      .sent("a", { eta: 2_000 })
      .wait(1_000)
      .fault("server-pause")
      .wait(900)
      .fault("server-pause", "end")
      .ran("a"),
    terms: { lateMs: 500 },
  },
  {
    rule: "sends-settle",
    broken: new Forge().call("a").wait(20_000).note({ kind: "pub-ok", id: "a" }).ran("a"),
    nearMiss: new Forge().call("a").wait(9_000).note({ kind: "pub-ok", id: "a" }).ran("a"),
    terms: { publishTimeoutMs: 10_000 },
  },
  {
    rule: "sends-settle",
    broken: new Forge().call("a"),
    nearMiss: new Forge().call("a").note({ kind: "pub-unknown", id: "a", code: "PUBLISH" }),
  },
];
