import { EventEmitter } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { Connection } from "rabbitmq-client";
import { hearGreeting, keepLateDeliveries, type keepRawBodies, originalEncoding } from "./client-internals.js";

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

  it("hears the greeting of a server, and nothing after it", async () => {
    const payload = Buffer.from("a greeting of a server");
    const head = Buffer.alloc(7);
    head[0] = 1;
    head.writeUInt32BE(payload.byteLength, 3);
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write(Buffer.concat([head, payload, Buffer.from([0xce]), head, payload, Buffer.from([0xce])]));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const connection = new Connection({ hostname: "127.0.0.1", port, retryLow: 60_000, retryHigh: 60_000 });
    const heard: string[] = [];
    hearGreeting(connection, (bytes) => heard.push(bytes.toString()));
    // The client has read it by then: it is not one that it understands.
    await new Promise((resolve) => connection.once("error", resolve));
    connection.unsafeDestroy();
    server.close();
    expect(heard).toEqual(["a greeting of a server\ufffd"]);
  });

  it("gives back the encoding that a message had", () => {
    expect(originalEncoding("gzip")).toBe("gzip");
    expect(originalEncoding(undefined)).toBeUndefined();
  });
});
