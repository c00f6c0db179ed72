import type { Channel, Connection } from "rabbitmq-client";

/**
 * Makes a channel hand out bodies as the bytes that they are. The client parses those that say they are JSON and
 * decodes those that say they are text, which loses what is not valid; and it leaves alone what is encoded. So an
 * encoding is put on every message as it comes in.
 *
 * This reaches into the client, whose version is therefore pinned exactly; a test fails when it no longer works.
 */
export function keepRawBodies(channel: Channel): void {
  const onHeader: unknown = Reflect.get(channel, "_onHeader");
  if (typeof onHeader !== "function") return;
  Reflect.set(channel, "_onHeader", (frame: { fields?: { contentEncoding?: string } }) => {
    if (frame.fields !== undefined) frame.fields.contentEncoding ??= RAW;
    return onHeader.call(channel, frame);
  });
}

const RAW = "binary";

/** Takes the encoding off again, for a message that is to be published once more as it was. */
export function originalEncoding(contentEncoding: string | undefined): string | undefined {
  return contentEncoding === RAW ? undefined : contentEncoding;
}

/**
 * Makes a channel hand over messages that the server had sent before it heard of a cancel and that arrive after it has
 * confirmed that. The client forgets a consumer with the confirmation and drops them, so that they would stay with
 * this channel, neither run nor free. The returned function forgets a consumer, when no more can come.
 */
export function keepLateDeliveries(channel: Channel): (consumerTag: string) => void {
  const state: unknown = Reflect.get(channel, "_state");
  const consumers: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "consumers") : undefined;
  if (!(consumers instanceof Map)) return () => undefined;
  consumers.delete = () => true;
  return (consumerTag) => void Map.prototype.delete.call(consumers, consumerTag);
}

/** Bytes of the first read of a connection, which only tells whether the server speaks AMQP. */
const PROTOCOL_PROBE_BYTES = 8;

/**
 * Hands over the bytes of the server's greeting, which say what server it is, and which the client throws away. To be
 * called in the same turn in which the connection was made, before anything can have come.
 */
export function hearGreeting(connection: Connection, onGreeting: (bytes: Buffer) => void): void {
  const socket: unknown = Reflect.get(connection, "_socket");
  if (typeof socket !== "object" || socket === null) return;
  const read: unknown = Reflect.get(socket, "read");
  if (typeof read !== "function") return;
  Reflect.set(socket, "read", (size?: number): unknown => {
    const chunk: unknown = read.call(socket, size);
    if (Buffer.isBuffer(chunk) && chunk.byteLength > PROTOCOL_PROBE_BYTES) {
      // What is read after it is read by the socket's own method again.
      Reflect.deleteProperty(socket, "read");
      onGreeting(chunk);
    }
    return chunk;
  });
}

/** A socket that gathers writes. */
interface CorkedSocket {
  cork(): void;
  uncork(): void;
}

/**
 * Joins what is written to a channel's connection in one turn of the event loop into one write to the network. The
 * client writes each message by itself, which is most of what a message costs. Returns what to call before a write.
 */
export function joinWrites(channel: Channel): () => void {
  const connection: unknown = Reflect.get(channel, "_conn");
  const socket: unknown =
    typeof connection === "object" && connection !== null ? Reflect.get(connection, "_socket") : undefined;
  if (!isCorked(socket)) return () => undefined;
  let joining = false;
  return () => {
    if (joining) return;
    joining = true;
    socket.cork();
    process.nextTick(() => {
      joining = false;
      socket.uncork();
    });
  };
}

function isCorked(socket: unknown): socket is CorkedSocket {
  return typeof socket === "object" && socket !== null && "cork" in socket && "uncork" in socket;
}
