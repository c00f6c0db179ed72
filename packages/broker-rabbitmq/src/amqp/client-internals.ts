import type { Socket } from "node:net";
import type { Channel, Connection } from "rabbitmq-client";
import { type ChannelListener, ChannelReader } from "./channel-reader.js";
import { FRAME_HEAD_BYTES, FRAME_TAIL_BYTES, FrameCutter } from "./frame-cutter.js";
import { FrameWriter } from "./frame-writer.js";

/*
 * Everything that the driver needs of the client's inside stands here. The client's version is pinned exactly, and a
 * test of each of these places fails when a release moves it.
 *
 * The client opens connections and channels, keeps the heartbeat, and asks and answers everything that is rare. What
 * comes once for every message goes past it: it takes six promises, six pieces of memory and some forty objects to read
 * one delivery, and as many to write one publish, which is three quarters of what a message costs. So the bytes of a
 * connection are cut into frames here. Deliveries, returned messages and confirms of channels that somebody listens to
 * are read by this driver, in the order in which they came; all other frames are left to the client, byte for byte.
 */

/** What is used of the client's connection. */
interface ClientConnection {
  readonly _socket: Socket;
  readonly _state: {
    /** Size of a frame on which client and server agreed, without head and tail. */
    readonly frameMax: number;
    /** Set by whatever is read: without it for long, the server counts as dead. */
    hasRead: boolean;
  };
}

/** What is used of the client's channel. */
interface ClientChannel {
  readonly _conn: object;
  readonly _state: { readonly stream: { readonly errored: Error | null } };
}

/** The bytes of one connection. */
export class Wire {
  /** Writes frames. Where the client waits for room in the socket, this does not: who writes bounds what is open. */
  readonly writer: FrameWriter;
  readonly #readers = new Map<number, ChannelReader>();
  readonly #connection: ClientConnection;
  readonly #wakeClient: () => void;
  /** Frames that the client has not read yet. */
  #forClient: Buffer = EMPTY;

  /** Takes over reading from a client that has just connected, and has read nothing beyond that. */
  constructor(connection: Connection) {
    this.#connection = insideOf<ClientConnection>(connection, ["_socket", "_state"]);
    const { _socket: socket, _state: state } = this.#connection;
    const [read, ...others] = socket.listeners("readable");
    if (read === undefined || others.length > 0) throw changed();
    const maxFrameBytes = state.frameMax;
    this.writer = new FrameWriter(maxFrameBytes, (bytes) => socket.write(bytes));
    this.#wakeClient = () => void Reflect.apply(read, socket, []);
    // The server may exceed the agreed size by head and tail.
    const cutter = new FrameCutter(maxFrameBytes + FRAME_HEAD_BYTES + FRAME_TAIL_BYTES, (bytes, from, to) =>
      this.#onFrame(bytes, from, to),
    );
    const readSocket = socket.read.bind(socket);
    // The client asks for a number of bytes. Node itself asks for none, or for whatever there is.
    socket.read = (size?: number) => (size === undefined || size === 0 ? readSocket(size) : this.#readForClient(size));
    socket.removeListener("readable", read as () => void);
    socket.on("data", (chunk: Buffer) => {
      state.hasRead = true;
      try {
        cutter.push(chunk);
      } catch (error) {
        // Nothing that follows can be trusted.
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.resume();
  }

  /** Reads a channel's messages and confirms from now on, until it closes. */
  listen(channel: Channel, listener: ChannelListener): void {
    const reader = new ChannelReader(listener);
    this.#readers.set(channel.id, reader);
    // The client gives the number of a channel that was closed to another one.
    channel.once("close", () => {
      if (this.#readers.get(channel.id) === reader) this.#readers.delete(channel.id);
    });
  }

  #onFrame(bytes: Buffer, from: number, to: number): void {
    const reader = this.#readers.get(bytes.readUInt16BE(from + 1));
    if (reader?.read(bytes, from, to) === true) return;
    const frame = bytes.subarray(from, to);
    this.#forClient = this.#forClient.length === 0 ? frame : Buffer.concat([this.#forClient, frame]);
    this.#wakeClient();
  }

  #readForClient(size: number): Buffer | null {
    if (this.#forClient.length < size) return null;
    const bytes = this.#forClient.subarray(0, size);
    this.#forClient = this.#forClient.subarray(size);
    return bytes;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const wires = new WeakMap<object, Wire>();

/** Goes between a client that has just connected and its socket. To be called while it tells of the connection. */
export function openWire(connection: Connection): void {
  wires.set(connection, new Wire(connection));
}

/** The wire of a channel's connection. */
export function wireOf(channel: Channel): Wire {
  const wire = wires.get(insideOf<ClientChannel>(channel, ["_conn"])._conn);
  if (wire === undefined) throw changed();
  return wire;
}

/** Why a channel ended that did not tell of an error by itself: its connection's. */
export function reasonOfEnd(channel: Channel): Error | undefined {
  return insideOf<ClientChannel>(channel, ["_state"])._state.stream.errored ?? undefined;
}

/** Bytes of the first read of a connection, which only tells whether the server speaks AMQP. */
const PROTOCOL_PROBE_BYTES = 8;

/**
 * Hands over the bytes of the server's greeting, which say what server it is, and which the client throws away. To be
 * called in the same turn in which the connection was made, before anything can have come.
 */
export function hearGreeting(connection: Connection, onGreeting: (bytes: Buffer) => void): void {
  const { _socket: socket } = insideOf<ClientConnection>(connection, ["_socket"]);
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (Buffer.isBuffer(chunk) && chunk.byteLength > PROTOCOL_PROBE_BYTES) {
      // What is read after it is read by the socket's own method again.
      Reflect.deleteProperty(socket, "read");
      onGreeting(chunk);
    }
    return chunk;
  };
}

/** The client's types leave its inside out. */
function insideOf<T>(object: object, properties: readonly string[]): T {
  if (properties.some((name) => Reflect.get(object, name) === undefined)) throw changed();
  return object as T;
}

function changed(): Error {
  return new Error("The installed rabbitmq-client is not the release that this driver is made for: reinstall packages");
}
