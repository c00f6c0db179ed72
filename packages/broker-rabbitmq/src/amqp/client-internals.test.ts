import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Channel, Connection } from "rabbitmq-client";
import { deliveryFrames, encodeFrames, type Frame, METHODS } from "../../test/client-codec.js";
import { openConnection } from "../connection/open-connection.js";
import { hearGreeting, reasonOfEnd, wireOf } from "./client-internals.js";

const frame = (channelId: number, methodId: number, params: object): Frame => ({
  type: 1,
  channelId,
  methodId,
  params,
});

/** As much of a server as it takes for the client to open a connection and a channel. */
async function startServer(): Promise<{ server: Server; port: number; accepted: Promise<Socket> }> {
  const server = createServer();
  const accepted = once(server, "connection").then(([socket]) => socket as Socket);
  void accepted.then((socket) => {
    socket.on("error", () => undefined);
    const answers = [
      frame(0, METHODS.connectionStart, {
        versionMajor: 0,
        versionMinor: 9,
        serverProperties: {},
        mechanisms: "PLAIN",
        locales: "en_US",
      }),
      frame(0, METHODS.connectionTune, { channelMax: 2_047, frameMax: 8_192, heartbeat: 0 }),
    ];
    socket.on("data", (bytes: Buffer) => {
      const next = answers.shift();
      if (next !== undefined) socket.write(encodeFrames(next));
      // Class and method of the last frame, which is the one that waits for an answer.
      if (bytes.includes(Buffer.from("000a0028", "hex")))
        socket.write(encodeFrames(frame(0, METHODS.connectionOpenOk, { knownHosts: "" })));
      if (bytes.includes(Buffer.from("0014000a", "hex")))
        socket.write(encodeFrames(frame(1, METHODS.channelOpenOk, { rsvp1: "" })));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, accepted };
}

describe("what the driver needs of the client's inside", () => {
  let server: Server;
  let socket: Socket;
  let connection: Connection;
  let channel: Channel;

  beforeEach(async () => {
    const started = await startServer();
    server = started.server;
    const options = { hostname: "127.0.0.1", port: started.port, heartbeat: 0 };
    ({ connection } = await openConnection(options, new AbortController().signal));
    socket = await started.accepted;
    channel = await connection.acquire({ emitErrorsFromChannel: true });
    channel.on("error", () => undefined);
  });

  afterEach(async () => {
    connection.unsafeDestroy();
    socket.destroy();
    server.close();
    await once(server, "close");
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

  it("lets deliveries past the client and leaves everything else to it, however the bytes are cut", async () => {
    const bodies: string[] = [];
    const both = new Promise<void>((resolve) => {
      const onDelivery = ({ body }: { readonly body: Buffer }): void => {
        if (bodies.push(body.toString()) === 2) resolve();
      };
      wireOf(channel).listen(channel, { onDelivery });
    });
    const asking = channel.queueDeclare({ queue: "q", passive: true });
    const bytes = encodeFrames(
      ...deliveryFrames(1, 1, { messageId: "m" }, "before"),
      frame(1, METHODS.queueDeclareOk, { queue: "q", messageCount: 7, consumerCount: 0 }),
      ...deliveryFrames(1, 2, { headers: { h: 1 } }, "af", "ter"),
    );
    for (const byte of bytes) socket.write(Buffer.from([byte]));
    expect(await asking).toMatchObject({ messageCount: 7 });
    await both;
    expect(bodies).toEqual(["before", "after"]);
  });

  it("counts what goes past the client as a sign of life", async () => {
    const state = Reflect.get(connection, "_state") as { hasRead: boolean };
    const arrived = new Promise((resolve) => wireOf(channel).listen(channel, { onDelivery: resolve }));
    state.hasRead = false;
    socket.write(encodeFrames(...deliveryFrames(1, 1, {}, "x")));
    await arrived;
    expect(state.hasRead).toBe(true);
  });

  it("counts what is written past the client as a sign of life", () => {
    const state = Reflect.get(connection, "_state") as { hasWrite: boolean };
    state.hasWrite = false;
    const { writer } = wireOf(channel);
    writer.ack(channel.id, 1, false);
    writer.flush();
    expect(state.hasWrite).toBe(true);
  });

  it("tells of a channel that the server ended, also for what was published past the client", async () => {
    const closed = new Promise((resolve) => channel.once("close", resolve));
    const failed = new Promise<Error>((resolve) => channel.once("error", resolve));
    wireOf(channel).listen(channel, {});
    socket.write(
      encodeFrames(frame(1, METHODS.channelClose, { replyCode: 406, replyText: "not so", methodId: METHODS.publish })),
    );
    expect((await failed).message).toContain("not so");
    await closed;
  });

  it("tells of a connection that ended", async () => {
    const closed = once(channel, "close");
    socket.destroy();
    await closed;
    expect(reasonOfEnd(channel)).toBeInstanceOf(Error);
  });

  it("ends a connection on which nonsense comes", async () => {
    const failed = once(connection, "error");
    wireOf(channel).listen(channel, {});
    const [method] = deliveryFrames(1, 1, {}, "x");
    socket.write(encodeFrames(method!, method!));
    expect(String((await failed)[0])).toContain("within a message");
  });

  it("ends a connection that sends frames larger than was agreed", async () => {
    const failed = once(connection, "error");
    socket.write(encodeFrames({ type: 3, channelId: 1, payload: Buffer.alloc(9_000) }));
    expect(String((await failed)[0])).toContain("frame of 9008 bytes");
  });
});
