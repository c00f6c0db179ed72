import { describe, expect, it } from "@jest/globals";
import { FakeDriver } from "../../test/fake-driver.js";
import { Chicory } from "../app/chicory.js";
import { UnsupportedError } from "../errors/broker-error.js";
import { ConfigError } from "../errors/config-error.js";
import { PublishError } from "../errors/publish-error.js";
import { createMessage } from "../wire/message.js";

function appOn(routing: boolean) {
  const driver = new FakeDriver();
  Object.assign(driver, { capabilities: { ...driver.capabilities, routing } });
  return { driver, app: new Chicory({ broker: driver }) };
}

const message = () => createMessage({ name: "t" });

describe("publishing to an exchange", () => {
  it("hands the route to a driver that knows routes", async () => {
    const { app, driver } = appOn(true);
    await app.broker.publish(message(), { exchange: "orders", routingKey: "eu.new", routingHeaders: { kind: "new" } });
    expect(driver.batches.flat()).toMatchObject([
      { route: { exchange: "orders", routingKey: "eu.new", headers: { kind: "new" } } },
    ]);
  });

  it("is refused where the driver does not, before anything is sent", async () => {
    const { app, driver } = appOn(false);
    const error = await app.broker.publish(message(), { exchange: "orders" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PublishError);
    expect(error).toMatchObject({ outcome: "rejected", cause: expect.any(UnsupportedError) });
    expect(driver.batches).toEqual([]);
  });

  it("takes neither a queue nor a delay", async () => {
    const { app } = appOn(true);
    await expect(app.broker.publish(message(), { exchange: "x", queue: "q" })).rejects.toBeInstanceOf(ConfigError);
    const later = createMessage({ name: "t", eta: Date.now() + 1_000 });
    await expect(app.broker.publish(later, { exchange: "x" })).rejects.toBeInstanceOf(ConfigError);
  });
});
