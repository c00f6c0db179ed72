import { randomUUID } from "node:crypto";
import rascal, { type Broker } from "rascal";
import type { Payload } from "../payload.js";
import { wholeMessage } from "./message-format.js";
import { CONTENT_TYPE, QUEUE_ARGUMENTS, SERVER_QUEUE } from "./rabbitmq-client.js";

const PUBLICATION = "send";
export const SUBSCRIPTION = "work";

/**
 * Rascal as its documentation advises: its defaults for production, a prefetch for the load, and a pool of as many
 * confirm channels as its connection may have, since a channel carries one publish at a time.
 */
export async function openRascal(url: string, prefetch: number): Promise<Broker> {
  const confirmPool = { autostart: true, min: 5, max: 90 };
  const config = rascal.withDefaultConfig({
    vhosts: {
      "/": {
        connection: { url, socketOptions: { noDelay: true } },
        publicationChannelPools: { confirmPool },
        queues: { [SERVER_QUEUE]: { options: { durable: true, arguments: { ...QUEUE_ARGUMENTS } } } },
      },
    },
    publications: { [PUBLICATION]: { vhost: "/", exchange: "", routingKey: SERVER_QUEUE, confirm: true } },
    subscriptions: { [SUBSCRIPTION]: { vhost: "/", queue: SERVER_QUEUE, prefetch } },
  });
  const broker = await rascal.BrokerAsPromised.create(config);
  broker.on("error", () => undefined);
  return broker;
}

/** Publishes what Chicory writes for the same task; rascal adds headers of its own. */
export async function publishByRascal(broker: Broker, payload: Payload): Promise<void> {
  const messageId = randomUUID();
  const body = Buffer.from(wholeMessage.encode(payload, messageId), "utf8");
  const publication = await broker.publish(PUBLICATION, body, { options: { messageId, contentType: CONTENT_TYPE } });
  await new Promise<void>((resolve, reject) => {
    publication
      .on("success", resolve)
      .on("error", reject)
      .on("return", () => reject(new Error("A message was returned")));
  });
}
