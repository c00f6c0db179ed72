import { ConnectionError } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { fromServerText, UnansweredError } from "../errors.js";
import { redirectOf } from "./redirect.js";

const read = (text: string) => redirectOf(fromServerText(text, "10.0.0.1:7000"), "10.0.0.1");

describe("an answer of a node", () => {
  it("says where else to send a command", () => {
    expect(read("MOVED 3999 10.0.0.2:6381")).toEqual({
      kind: "moved",
      slot: 3999,
      to: { host: "10.0.0.2", port: 6381 },
    });
    expect(read("ASK 3999 redis-2.internal:6381")).toEqual({
      kind: "ask",
      to: { host: "redis-2.internal", port: 6381 },
    });
    expect(read("MOVED 1 2001:db8::2:6381")).toMatchObject({ to: { host: "2001:db8::2", port: 6381 } });
  });

  it("means the node that was asked where it leaves out the host", () => {
    expect(read("MOVED 1 :6381")).toMatchObject({ to: { host: "10.0.0.1", port: 6381 } });
    expect(read("ASK 1 ?:6381")).toMatchObject({ to: { host: "10.0.0.1", port: 6381 } });
  });

  it.each([
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "CLUSTERDOWN The cluster is down",
    "READONLY You can't write against a read only replica.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "LOADING Redis is loading the dataset in memory",
  ])("%s is a reason to wait", (text) => {
    expect(read(text)).toEqual({ kind: "wait" });
  });

  it("is no reason to repeat a command that may have been executed, or that another time would not help", () => {
    expect(read("OOM command not allowed")).toBeUndefined();
    expect(read("NOSCRIPT No matching script.")).toBeUndefined();
    expect(redirectOf(new UnansweredError("The connection broke"), "10.0.0.1")).toBeUndefined();
    expect(redirectOf(new ConnectionError("not connected"), "10.0.0.1")).toBeUndefined();
  });
});
