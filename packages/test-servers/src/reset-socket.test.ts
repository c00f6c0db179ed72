import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { resetSocket } from "./reset-socket.js";

describe("a socket that is reset", () => {
  let server: Server;
  let accepted: Socket;
  let socket: Socket;
  beforeEach(async () => {
    server = createServer().listen(0, "127.0.0.1");
    const connection = once(server, "connection");
    await once(server, "listening");
    socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    [accepted] = await connection;
    accepted.on("error", () => undefined);
  });
  afterEach(() => {
    accepted.destroy();
    server.close();
  });

  it("tells the other side", async () => {
    const error = once(accepted, "error");
    resetSocket(socket);
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
  });

  it("is closed though it has just said goodbye", async () => {
    const closed = once(socket, "close");
    socket.end();
    resetSocket(socket);
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});
