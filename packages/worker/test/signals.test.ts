import { afterEach, describe, expect, it } from "@jest/globals";
import { ChildWorker } from "./child-worker.js";

let child: ChildWorker | undefined;

afterEach(() => child?.end());

function start(behaviour: string): ChildWorker {
  child = new ChildWorker("signals", { BEHAVIOUR: behaviour });
  return child;
}

describe("run()", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("stops at %s, lets tasks end, and lets the process end", async (signal) => {
    const worker = start("obedient");
    await worker.said("task started");
    worker.kill(signal);
    expect(await worker.exit()).toBe(0);
    expect(worker.lines).toEqual([
      "task started",
      "stopping",
      "task ended",
      "stopped after 1, requeued 0",
      "listeners left: 0",
    ]);
  });

  it("stops at once at a second signal, and gives back what does not end", async () => {
    const worker = start("stubborn");
    await worker.said("task started");
    worker.kill("SIGTERM");
    await worker.said("stopping");
    worker.kill("SIGTERM");
    expect(await worker.exit()).toBe(0);
    expect(worker.lines).toEqual(["task started", "stopping", "stopped after 0, requeued 1", "listeners left: 0"]);
  });

  it("ends with an error when a promise is rejected that nobody handles, after it has stopped", async () => {
    const worker = start("reject");
    expect(await worker.exit()).toBe(1);
    expect(worker.lines).toEqual([
      "task started",
      "stopping",
      "task ended",
      expect.stringContaining("failed: WorkerError: A promise was rejected that nobody handles"),
    ]);
  });
});
