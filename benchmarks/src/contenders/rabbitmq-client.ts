import { randomUUID } from "node:crypto";
import { eventually } from "@chicory/test-servers";
import { type Channel, Connection, type Envelope } from "rabbitmq-client";
import type { Payload } from "../payload.js";
import { wholeMessage } from "./message-format.js";

/** Chicory's name of the queue, and the name on the server. */
export const QUEUE = "bench";
export const SERVER_QUEUE = `chicory.queue.${QUEUE}`;

/** Where the server keeps what failed for good. */
export const DEAD_LETTER_QUEUE = `chicory.dlq.${QUEUE}`;

/** What bodies are. */
export const CONTENT_TYPE = "application/vnd.chicory+json";

/**
 * Messages that the server sends to a consumer before it waits for acks: what a Chicory worker of that concurrency asks
 * for, and what the client's documentation advises, twice the concurrency.
 */
export function prefetchFor(concurrency: number): number {
  return 2 * concurrency;
}

/** The queue as Chicory declares it by default. The server refuses one that differs from the one it has. */
export const QUEUE_ARGUMENTS = {
  "x-queue-type": "quorum",
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": DEAD_LETTER_QUEUE,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
  "x-delivery-limit": 20,
} as const;

/** A connected client. Whoever opens it closes it. */
export async function openRabbitmq(url: string): Promise<Connection> {
  // Without it the system holds an ack back for 40 ms where little is sent.
  const connection = new Connection({ url, noDelay: true });
  // Without a listener the event would end the process; what fails rejects as well.
  connection.on("error", () => undefined);
  await connection.onConnect();
  return connection;
}

/** A channel that confirms what is published, to a queue that is there. */
export async function openConfirmChannel(connection: Connection): Promise<Channel> {
  const channel = await connection.acquire();
  await channel.queueDeclare({ queue: SERVER_QUEUE, durable: true, arguments: QUEUE_ARGUMENTS });
  await channel.confirmSelect();
  return channel;
}

/** Publishes what Chicory writes for the same task: the same body and properties, durable and mandatory. */
export function publish(channel: Channel, payload: Payload): Promise<void> {
  const messageId = randomUUID();
  const envelope: Envelope = {
    exchange: "",
    routingKey: SERVER_QUEUE,
    mandatory: true,
    durable: true,
    messageId,
    contentType: CONTENT_TYPE,
  };
  return channel.basicPublish(envelope, Buffer.from(wholeMessage.encode(payload, messageId), "utf8"));
}

/** The payload of a body as it arrives. */
export function payloadOf(body: unknown): Payload {
  if (!Buffer.isBuffer(body)) throw new Error("A body arrived in another form than its bytes");
  return wholeMessage.decode(body.toString("utf8"));
}

/** Messages of the queue that are with no consumer. */
export async function countReady(connection: Connection): Promise<number> {
  const { messageCount } = await connection.queueDeclare({ queue: SERVER_QUEUE, passive: true });
  return messageCount;
}

/**
 * Messages of the queue when every consumer of it is gone, as each must be that was closed: what was not acked is back
 * in the queue by then.
 */
export async function countLeft(connection: Connection): Promise<number> {
  const ask = () => connection.queueDeclare({ queue: SERVER_QUEUE, passive: true });
  await eventually(async () => (await ask()).consumerCount === 0, { what: "the queue's consumers to be gone" });
  return (await ask()).messageCount;
}

/** As {@link countLeft}, asked over a connection of its own. */
export async function countLeftAt(url: string): Promise<number> {
  const connection = await openRabbitmq(url);
  try {
    return await countLeft(connection);
  } finally {
    await connection.close();
  }
}
