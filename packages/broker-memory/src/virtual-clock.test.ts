import { describe, expect, it } from "@jest/globals";
import { VirtualClock } from "./virtual-clock.js";

describe("a virtual clock", () => {
  it("stands still until it is advanced", async () => {
    const clock = new VirtualClock(1_000);
    expect(clock.now()).toBe(1_000);
    await clock.advance(50);
    expect(clock.now()).toBe(1_050);
  });

  it("begins at the current time", () => {
    expect(Math.abs(new VirtualClock().now() - Date.now())).toBeLessThan(60_000);
  });

  it("wakes everything that falls due, each at its own time and in its order", async () => {
    const clock = new VirtualClock(0);
    const seen: [string, number][] = [];
    const note = (name: string) => () => void seen.push([name, clock.now()]);
    clock.schedule(30, note("third"));
    clock.schedule(10, note("first"));
    clock.schedule(10, note("second"));
    clock.schedule(101, note("too late"));
    await clock.advance(100);
    expect(seen).toEqual([
      ["first", 10],
      ["second", 10],
      ["third", 30],
    ]);
    expect(clock.now()).toBe(100);
  });

  it("wakes what was scheduled on the way, also for a time that is past", async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    clock.schedule(10, () => {
      clock.schedule(5, () => void seen.push(clock.now()));
      clock.schedule(20, () => void seen.push(clock.now()));
    });
    await clock.advance(25);
    expect(seen).toEqual([10, 20]);
  });

  it("lets promises that a wake-up resolved run before time goes on", async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    clock.schedule(10, () => {
      void (async () => {
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(clock.now());
      })();
    });
    clock.schedule(20, () => undefined);
    await clock.advance(20);
    expect(seen).toEqual([10]);
  });

  it("waits for what is busy before time goes on", async () => {
    const clock = new VirtualClock(0);
    const activity = { busy: false };
    clock.attach(activity);
    let endedAt: number | undefined;
    clock.schedule(10, () => {
      activity.busy = true;
      let turns = 20;
      const turn = (): void => {
        turns -= 1;
        if (turns > 0) return void setImmediate(turn);
        endedAt = clock.now();
        activity.busy = false;
      };
      turn();
    });
    clock.schedule(11, () => undefined);
    await clock.advance(20);
    expect(endedAt).toBe(10);
  });

  it("wakes nobody who cancelled", async () => {
    const clock = new VirtualClock(0);
    let woken = false;
    const cancel = clock.schedule(10, () => {
      woken = true;
    });
    cancel();
    cancel();
    await clock.advance(20);
    expect(woken).toBe(false);
  });

  it("does advances that overlap one after the other", async () => {
    const clock = new VirtualClock(0);
    const first = clock.advance(10).then(() => clock.now());
    const second = clock.advance(10).then(() => clock.now());
    expect(await Promise.all([first, second])).toEqual([10, 20]);
  });
});
