import { describe, expect, it } from "@jest/globals";
import { processSeconds } from "./rabbitmq-probe.js";

describe("processSeconds", () => {
  it("adds the time in the program and in the system, whatever the program is called", () => {
    const stat = "42 (beam) smp 1) S 1 42 42 0 -1 4194560 100 0 0 0 250 150 7 9 20 0 1 0 1000";
    expect(processSeconds(stat)).toBe(4);
  });
});
