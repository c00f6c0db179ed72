import { silentLogger } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { Emitter } from "./emitter.js";

interface Events {
  readonly a: number;
  readonly b: string;
}

describe("emitter", () => {
  it("tells every listener of the event, until it stops listening", () => {
    const events = new Emitter<Events>(silentLogger);
    const heard: unknown[] = [];
    const listener = (value: number) => void heard.push(value);
    const stop = events.on("a", listener);
    events.on("a", listener);
    events.on("b", (value) => void heard.push(value));
    events.emit("a", 1);
    stop();
    stop();
    events.emit("a", 2);
    expect(heard).toEqual([1, 1, 2]);
  });

  it("knows whether anybody listens", () => {
    const events = new Emitter<Events>(silentLogger);
    expect(events.has("a")).toBe(false);
    const stop = events.on("a", () => undefined);
    expect([events.has("a"), events.has("b")]).toEqual([true, false]);
    stop();
    expect(events.has("a")).toBe(false);
  });

  it("logs what a listener throws, and goes on to the next", () => {
    const logged: unknown[] = [];
    const events = new Emitter<Events>({ ...silentLogger, error: (fields) => void logged.push(fields) });
    const heard: number[] = [];
    events.on("a", () => {
      throw new Error("metrics are down");
    });
    events.on("a", (value) => void heard.push(value));
    events.emit("a", 1);
    expect(heard).toEqual([1]);
    expect(logged).toMatchObject([{ err: { message: "metrics are down" }, event: "a" }]);
  });

  it("takes a listener that stops itself", () => {
    const events = new Emitter<Events>(silentLogger);
    const heard: number[] = [];
    const stop = events.on("a", (value) => {
      heard.push(value);
      stop();
    });
    events.on("a", (value) => void heard.push(value));
    events.emit("a", 1);
    events.emit("a", 2);
    expect(heard).toEqual([1, 1, 2]);
  });
});
