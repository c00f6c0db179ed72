import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { Connection } from "rabbitmq-client";
import { keepLateDeliveries, type keepRawBodies, originalEncoding } from "./client-internals.js";

type Channel = Parameters<typeof keepRawBodies>[0];

/** A channel of the client as it is installed, on a connection that is none. */
async function channelOfTheClient(): Promise<Channel> {
  const connection = new Connection({ hostname: "127.0.0.1", port: 1, retryLow: 60_000, retryHigh: 60_000 });
  connection.on("error", () => undefined);
  const module: unknown = await import(new URL("Channel.js", import.meta.resolve("rabbitmq-client")).href);
  const { Channel: ChannelClass } = module as { Channel: new (id: number, connection: unknown) => Channel };
  const channel = new ChannelClass(1, { _opt: { frameMax: 8_192 }, _socket: new EventEmitter() });
  connection.unsafeDestroy();
  return channel;
}

describe("what the driver needs of the client's inside", () => {
  it("is where it was: the header of a message that comes in, and the consumers of a channel", async () => {
    const channel = await channelOfTheClient();
    expect(typeof Reflect.get(channel, "_onHeader")).toBe("function");
    expect(Reflect.get(Reflect.get(channel, "_state") as object, "consumers")).toBeInstanceOf(Map);
  });

  it("keeps a consumer that was cancelled until it is forgotten", async () => {
    const channel = await channelOfTheClient();
    const forget = keepLateDeliveries(channel);
    const consumers = Reflect.get(Reflect.get(channel, "_state") as object, "consumers") as Map<string, unknown>;
    consumers.set("tag", () => undefined);
    consumers.delete("tag");
    expect(consumers.has("tag")).toBe(true);
    forget("tag");
    expect(consumers.has("tag")).toBe(false);
  });

  it("gives back the encoding that a message had", () => {
    expect(originalEncoding("gzip")).toBe("gzip");
    expect(originalEncoding(undefined)).toBeUndefined();
  });
});
