import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { eventually } from "./eventually.js";
import { freePort } from "./free-port.js";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.js";

/** Long enough to see that nothing comes; only ever a lower bound. */
const SILENCE_MS = 300;

describe("a TCP proxy", () => {
  let echo: Server;
  let received: string;
  let serverSockets: Socket[];
  let proxy: TcpProxy;
  const clients: Client[] = [];

  class Client {
    readonly socket = connect(proxy.port, proxy.host);
    text = "";
    closed = false;
    error: (Error & { code?: string }) | undefined;

    constructor() {
      clients.push(this);
      this.socket.on("data", (chunk) => {
        this.text += chunk.toString("utf8");
      });
      this.socket.on("error", (error) => {
        this.error = error;
      });
      this.socket.on("close", () => {
        this.closed = true;
      });
    }

    async asks(text: string): Promise<void> {
      this.socket.write(text);
      await eventually(() => this.text.endsWith(text), { what: `the echo of ${text}` });
    }
  }

  const silence = (condition: () => boolean) =>
    expect(eventually(condition, { deadlineMs: SILENCE_MS })).rejects.toThrow(/in vain/);

  beforeEach(async () => {
    received = "";
    serverSockets = [];
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      serverSockets.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        received += chunk.toString("utf8");
        socket.write(chunk);
      });
      socket.on("end", () => socket.end("bye"));
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    const address = echo.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    proxy = await startTcpProxy({ host: "127.0.0.1", port: address.port });
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await proxy.stop();
    for (const socket of serverSockets) socket.destroy();
    await new Promise((resolve) => echo.close(resolve));
  });

  it("passes bytes on both ways", async () => {
    await new Client().asks("hello");
    expect(proxy.connections).toBe(1);
  });

  it("passes on more than it holds at a time", async () => {
    const client = new Client();
    const size = 8 * 1_048_576;
    client.socket.write("x".repeat(size));
    await eventually(() => client.text.length === size, { what: "all bytes" });
  });

  it("passes on that the client ended, and what the server still answers", async () => {
    const client = new Client();
    client.socket.end("last");
    await eventually(() => client.closed);
    expect(client.text).toBe("lastbye");
    await eventually(() => proxy.connections === 0);
  });

  it("passes on a reset", async () => {
    const client = new Client();
    await client.asks("hello");
    serverSockets[0]?.resetAndDestroy();
    await eventually(() => client.closed);
    expect(client.error?.code).toBe("ECONNRESET");
  });

  it("resets a connection whose server is down", async () => {
    const nowhere = await startTcpProxy({ host: "127.0.0.1", port: await freePort() });
    const socket = connect(nowhere.port, nowhere.host);
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });
    await nowhere.stop();
  });

  it("resets all open connections when it severs them, and accepts new ones", async () => {
    const client = new Client();
    await client.asks("hello");
    proxy.sever();
    await eventually(() => client.closed);
    await eventually(() => serverSockets[0]?.destroyed);
    expect(client.error?.code).toBe("ECONNRESET");
    await new Client().asks("again");
  });

  it("swallows both ways in a black hole, on connections old and new, and delivers once it is healed", async () => {
    const old = new Client();
    await old.asks("before");
    proxy.blackhole();
    const fresh = new Client();
    await once(fresh.socket, "connect");
    old.socket.write("old");
    fresh.socket.write("new");
    await silence(() => received !== "before" || old.closed || fresh.closed);
    proxy.heal();
    await eventually(() => old.text === "beforeold" && fresh.text === "new");
  });

  it("lets a black hole swallow the answers alone", async () => {
    const client = new Client();
    await client.asks("one");
    proxy.blackhole("to-client");
    client.socket.write("two");
    await eventually(() => received === "onetwo");
    await silence(() => client.text !== "one");
    proxy.sever();
    await eventually(() => client.closed);
    expect(client.text).toBe("one");
  });

  it("does not tell in a black hole that the other side is gone", async () => {
    const client = new Client();
    await client.asks("hello");
    proxy.blackhole();
    serverSockets[0]?.resetAndDestroy();
    await silence(() => client.closed);
    proxy.heal();
    await eventually(() => client.closed);
  });

  it("delays each direction, in order", async () => {
    const client = new Client();
    await client.asks("hello");
    proxy.delay(150);
    const start = performance.now();
    client.socket.write("a");
    client.socket.write("b");
    await eventually(() => client.text === "helloab");
    expect(performance.now() - start).toBeGreaterThanOrEqual(290);
    proxy.delay(0);
    await client.asks("c");
  });

  it("cuts what it passes on into pieces, one after the other", async () => {
    const client = new Client();
    await client.asks("hello");
    proxy.trickle({ bytes: 2, everyMs: 20 });
    const pieces: string[] = [];
    serverSockets[0]?.on("data", (chunk) => pieces.push(chunk.toString("utf8")));
    const start = performance.now();
    client.socket.write("abcdef");
    await eventually(() => client.text === "helloabcdef");
    expect(pieces).toEqual(["ab", "cd", "ef"]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(40);
    proxy.trickle(undefined);
    await client.asks("c");
  });

  it("strands a client, whose connection stays open and silent while the server's is gone", async () => {
    const client = new Client();
    await client.asks("hello");
    proxy.strand();
    await eventually(() => serverSockets[0]?.destroyed);
    client.socket.write("anybody?");
    await silence(() => client.closed || client.text !== "hello");
    await new Client().asks("again");
    proxy.sever();
    await eventually(() => client.closed);
  });

  it("listens no more after stop, which may be called twice", async () => {
    const client = new Client();
    await client.asks("hello");
    await proxy.stop();
    await proxy.stop();
    await eventually(() => client.closed);
    const late = new Client();
    await eventually(() => late.error?.code === "ECONNREFUSED");
  });
});
