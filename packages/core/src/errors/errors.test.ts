import { inspect } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { outgoing } from "../../test/fake-driver.js";
import { BrokerError, ConnectionError, QueueFullError } from "./broker-error.js";
import { ChicoryError } from "./chicory-error.js";
import { ConfigError } from "./config-error.js";
import { PublishError } from "./publish-error.js";
import { SettlementError } from "./settlement-error.js";

describe("the error tree", () => {
  it("has a name, a code, a message and a cause", () => {
    const cause = new Error("ECONNREFUSED");
    const error = new ConnectionError("Redis at localhost:1 refused the connection", { cause });
    expect(error).toMatchObject({ name: "ConnectionError", code: "CHICORY_CONNECTION", retryable: true, cause });
  });

  it("answers instanceof along the tree", () => {
    const error = new ConnectionError("x");
    expect(error instanceof ConnectionError && error instanceof BrokerError && error instanceof ChicoryError).toBe(
      true,
    );
    expect(error instanceof QueueFullError || error instanceof ConfigError).toBe(false);
    expect([null, undefined, "x", {}, new Error("x")].some((value) => value instanceof ChicoryError)).toBe(false);
  });

  it("answers instanceof for what cannot be read", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(proxy instanceof ChicoryError).toBe(false);
  });

  it("answers instanceof for errors of another copy of the package", async () => {
    // A query makes the loader evaluate the module anew, as a second installed copy would be.
    const copy: typeof import("./config-error.js") = await import(
      `${new URL("./config-error.ts", import.meta.url)}?copy`
    );
    expect(copy.ConfigError).not.toBe(ConfigError);
    expect(new copy.ConfigError("x") instanceof ConfigError).toBe(true);
    expect(new copy.ConfigError("x") instanceof ConnectionError).toBe(false);
  });

  it("does not let a subclass of a user claim its parent's errors", () => {
    class Mine extends ConfigError {}
    expect(new ConfigError("x") instanceof Mine).toBe(false);
    expect(new Mine("x") instanceof Mine && new Mine("x") instanceof ConfigError).toBe(true);
  });

  it("calls a publish unknown if anything of it may be stored", () => {
    const cause = new ConnectionError("gone");
    const [a, b] = [outgoing("a"), outgoing("b")];
    expect(new PublishError([{ message: a, outcome: "rejected", cause }]).outcome).toBe("rejected");
    expect(
      new PublishError([
        { message: a, outcome: "rejected", cause },
        { message: b, outcome: "unknown", cause },
      ]).outcome,
    ).toBe("unknown");
  });

  it("prints no message's body", () => {
    const message = outgoing("a", { body: "4111-1111" });
    const delivery = { id: "1", queue: "q", body: Buffer.from("4111-1111"), deliveryCount: 1, redelivered: false };
    const publish = new PublishError([{ message, outcome: "unknown", cause: new Error("gone") }]);
    const settle = new SettlementError([{ kind: "ack", delivery }], new Error("gone"));
    expect(inspect([publish, settle], { depth: 9 }) + JSON.stringify([publish, settle])).not.toMatch(/4111|3131/);
  });
});
