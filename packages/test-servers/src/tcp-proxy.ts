import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./free-port.js";
import { resetSocket } from "./reset-socket.js";
import { type Slowness, TcpFlow } from "./tcp-flow.js";

/** Which way bytes are withheld: to the server, back to the client, or both. */
export type FlowDirection = "to-server" | "to-client" | "both";

const PORT_ATTEMPTS = 10;

interface Connection {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly toServer: TcpFlow;
  readonly toClient: TcpFlow;
}

/**
 * Stands between a client and a server and does to their connections what networks do. A server that is down shows as
 * a connection that is accepted and reset at once.
 */
export class TcpProxy {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #withheld: FlowDirection | undefined;
  readonly #slowness: Slowness = { delayMs: 0, trickle: undefined };

  /** Use {@link startTcpProxy}, which finds a port that is free. */
  constructor(server: Server, port: number, target: { readonly host: string; readonly port: number }) {
    this.#server = server;
    this.port = port;
    server.on("connection", (client) => this.#accept(client, target));
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resets every open connection on both sides, and loses what was under way. New connections are welcome. */
  sever(): void {
    for (const connection of this.#connections) {
      this.#forget(connection);
      resetSocket(connection.client);
      resetSocket(connection.upstream);
    }
  }

  /**
   * Passes nothing on any more, on connections old and new, while all of them stay open. {@link heal} delivers what was
   * withheld, as a network does that comes back; {@link sever} before it loses that, so that "to-client" followed by
   * sever swallows the answers to requests that were carried out.
   */
  blackhole(direction: FlowDirection = "both"): void {
    this.#withheld = direction;
    for (const connection of this.#connections) this.#applyTo(connection);
  }

  /** Ends a {@link blackhole}. */
  heal(): void {
    this.#withheld = undefined;
    for (const connection of this.#connections) this.#applyTo(connection);
  }

  /**
   * Loses the server's side of every open connection without a word to the client, whose connections look open and
   * answer nothing for good. New connections are welcome.
   */
  strand(): void {
    for (const { client, upstream, toServer, toClient } of this.#connections) {
      toServer.stop();
      toClient.stop();
      // What still comes from the client is taken and forgotten, so that nothing fills up and tells.
      client.removeAllListeners("data").removeAllListeners("end").resume();
      upstream.removeAllListeners("data").removeAllListeners("end").removeAllListeners("error");
      upstream.on("error", () => undefined);
      resetSocket(upstream);
    }
  }

  /** Delays every byte by this many milliseconds in each direction, in order; 0 ends it. */
  delay(delayMs: number): void {
    this.#slowness.delayMs = delayMs;
  }

  /**
   * Passes bytes on in pieces of `bytes`, one every `everyMs` milliseconds in each direction, so that no frame arrives
   * whole and a large one takes long; undefined ends it.
   */
  trickle(pace: Slowness["trickle"]): void {
    this.#slowness.trickle = pace;
  }

  /** Severs all connections and listens no more. May be called twice. */
  async stop(): Promise<void> {
    this.sever();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket, target: { readonly host: string; readonly port: number }): void {
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const connection: Connection = {
      client,
      upstream,
      toServer: new TcpFlow(client, upstream, this.#slowness, this.#withholds("to-server")),
      toClient: new TcpFlow(upstream, client, this.#slowness, this.#withholds("to-client")),
    };
    this.#connections.add(connection);
    // A forgotten proxy must not keep a test process alive.
    for (const socket of [client, upstream]) {
      socket.unref();
      socket.on("close", () => {
        if (client.destroyed && upstream.destroyed) this.#forget(connection);
      });
    }
  }

  #withholds(direction: FlowDirection): boolean {
    return this.#withheld === direction || this.#withheld === "both";
  }

  #applyTo({ toServer, toClient }: Connection): void {
    if (this.#withholds("to-server")) toServer.block();
    else toServer.unblock();
    if (this.#withholds("to-client")) toClient.block();
    else toClient.unblock();
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    connection.toServer.stop();
    connection.toClient.stop();
  }
}

/** Starts a proxy on a free port of the loopback that leads to the target. */
export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = createServer({ allowHalfOpen: true });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      });
      server.unref();
      return new TcpProxy(server, port, { host: target.host, port: target.port });
    } catch (error) {
      // Somebody else was faster to take the port.
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
