import { describe, expect, it } from "@jest/globals";
import { DELAY_LEVELS, type DelayStep, delayEndPattern, delayRoute, delaySteps, MAX_DELAY_MS } from "./delay-levels.js";
import { Names } from "./names.js";

const names = new Names("chicory");

/** Whether a topic exchange would take this key for this pattern. */
function matches(pattern: string, key: string): boolean {
  const [words, expected] = [key.split("."), pattern.split(".")];
  return (
    expected.every((part, index) => {
      if (part === "#") return true;
      return words[index] !== undefined && (part === "*" || part === words[index]);
    }) &&
    (expected.includes("#") || words.length === expected.length)
  );
}

/** Follows a message through the levels as the server would; returns how long it waited and where it came out. */
function travel(seconds: number, queue: string, bound: readonly string[]): { waitedMs: number; to: string[] } {
  const steps = delaySteps(names, "alo");
  const { exchange, routingKey } = delayRoute(names, "alo", seconds, queue);
  let at = exchange;
  let waitedMs = 0;
  while (at !== names.delayEnd("alo")) {
    const queues = steps.filter(
      (step) => step.kind === "bindQueue" && step.exchange === at && matches(step.routingKey, routingKey),
    );
    const exchanges = steps.flatMap((step) =>
      step.kind === "bindExchange" && step.source === at && matches(step.routingKey, routingKey) ? [step] : [],
    );
    expect(queues.length + exchanges.length).toBe(1);
    const [into] = exchanges;
    if (into !== undefined) {
      at = into.destination;
      continue;
    }
    const level = steps.find(
      (step): step is DelayStep & { kind: "queue" } => step.kind === "queue" && step.queue === at,
    );
    waitedMs += Number(level?.arguments["x-message-ttl"]);
    at = String(level?.arguments["x-dead-letter-exchange"]);
  }
  return { waitedMs, to: bound.filter((name) => matches(delayEndPattern(name), routingKey)) };
}

describe("delay levels", () => {
  it.each([1, 2, 3, 59, 3_600, 86_400, 2 ** 28 - 1])("make a message wait exactly %i s", (seconds) => {
    expect(travel(seconds, "emails", ["emails"])).toEqual({ waitedMs: seconds * 1_000, to: ["emails"] });
  });

  it("lead to the queue that was meant, not to one whose name ends alike", () => {
    expect(travel(5, "x.a.b", ["a.b", "x.a.b", "b"]).to).toEqual(["x.a.b"]);
    expect(travel(5, "a.b", ["a.b", "x.a.b", "b"]).to).toEqual(["a.b"]);
  });

  it("enter at the highest level in which the message waits", () => {
    expect(delayRoute(names, "amo", 5, "q").exchange).toBe("chicory.delay.v1.amo.02");
    expect(delayRoute(names, "amo", 2 ** 28 - 1, "q").exchange).toBe("chicory.delay.v1.amo.27");
  });

  it("say how long the longest delay is", () => {
    expect(MAX_DELAY_MS).toBe((2 ** DELAY_LEVELS - 1) * 1_000);
  });

  it("refer to nothing that was not declared before", () => {
    const there = new Set<string>();
    for (const step of delaySteps(names, "alo")) {
      if (step.kind === "exchange") there.add(`exchange ${step.exchange}`);
      else if (step.kind === "queue") there.add(`queue ${step.queue}`);
      else if (step.kind === "bindQueue") {
        expect(there).toContain(`exchange ${step.exchange}`);
        expect(there).toContain(`queue ${step.queue}`);
      } else {
        expect(there).toContain(`exchange ${step.source}`);
        expect(there).toContain(`exchange ${step.destination}`);
      }
    }
  });

  it("confirm before they forget in one family, and never duplicate in the other", () => {
    const strategies = (family: "alo" | "amo") =>
      delaySteps(names, family).flatMap((step) =>
        step.kind === "queue" ? [step.arguments["x-dead-letter-strategy"]] : [],
      );
    expect(new Set(strategies("alo"))).toEqual(new Set(["at-least-once"]));
    expect(new Set(strategies("amo"))).toEqual(new Set([undefined]));
  });
});
