import { randomUUID } from "node:crypto";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import type { Payload } from "../payload.js";
import { wholeMessage } from "./message-format.js";
import { CONTENT_TYPE, QUEUE_ARGUMENTS, SERVER_QUEUE } from "./rabbitmq-client.js";

/** A connection with a channel that confirms what is published, to a queue that is there. Whoever opens it closes it. */
export async function openAmqplib(url: string): Promise<{ connection: ChannelModel; channel: ConfirmChannel }> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(SERVER_QUEUE, { durable: true, arguments: { ...QUEUE_ARGUMENTS } });
  return { connection, channel };
}

/** Publishes what Chicory writes for the same task: the same body and properties, durable and mandatory. */
export function publishByAmqplib(channel: ConfirmChannel, payload: Payload): Promise<void> {
  const messageId = randomUUID();
  const body = Buffer.from(wholeMessage.encode(payload, messageId), "utf8");
  const timestamp = Math.floor(Date.now() / 1_000);
  const options = { mandatory: true, persistent: true, messageId, timestamp, contentType: CONTENT_TYPE };
  return new Promise((resolve, reject) => {
    channel.publish("", SERVER_QUEUE, body, options, (error) => (error ? reject(error) : resolve()));
  });
}
