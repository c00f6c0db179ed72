import { eventually } from "@chicory/test-servers";
import { afterEach, describe, expect, it } from "@jest/globals";
import { AnswerWatch } from "./answer-watch.js";

describe("the watch over the answers of a connection", () => {
  let watch: AnswerWatch;
  let silences: number;

  afterEach(() => {
    watch.stop();
  });

  function start(limitMs: number): void {
    silences = 0;
    watch = new AnswerWatch(limitMs, () => {
      silences += 1;
    });
  }

  /** Blocks the event loop. */
  function block(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("notices a command that is not answered in time, and no sooner", async () => {
    start(50);
    const began = performance.now();
    watch.written();
    await eventually(() => silences === 1);
    expect(performance.now() - began).toBeGreaterThanOrEqual(50);
  });

  it("goes by the command that waits longest", async () => {
    start(80);
    watch.written();
    const first = performance.now();
    await eventually(() => performance.now() - first >= 60);
    watch.written();
    watch.answered();
    const began = performance.now();
    await eventually(() => silences === 1);
    expect(performance.now() - began).toBeGreaterThanOrEqual(70);
  });

  it("says nothing when all is answered", async () => {
    start(20);
    watch.written();
    watch.answered();
    const answered = performance.now();
    await eventually(() => performance.now() - answered >= 60);
    expect(silences).toBe(0);
  });

  it("lets what came while the event loop was blocked be read first", async () => {
    start(50);
    watch.written();
    block(400);
    await turn();
    await turn();
    expect(silences).toBe(0);
    // Nothing had come.
    await eventually(() => silences === 1);
  });
});
