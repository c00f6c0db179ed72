import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { Payload } from "../payload.js";
import { wholeMessage } from "./message-format.js";
import { CONTENT_TYPE, QUEUE_ARGUMENTS, SERVER_QUEUE } from "./rabbitmq-client.js";

/** What is used of rascal, which comes without types. */
export interface RascalBroker {
  publish(publication: string, body: Buffer, overrides: object): Promise<RascalEvents>;
  subscribe(subscription: string): Promise<RascalEvents>;
  on(event: "error", listener: (error: Error) => void): void;
  shutdown(): Promise<void>;
}

/** A publication or a subscription. */
export interface RascalEvents {
  on(event: "success" | "return", listener: () => void): this;
  on(event: "error" | "invalid_content", listener: (error: Error) => void): this;
  on(
    event: "message",
    listener: (message: unknown, content: unknown, ackOrNack: (error?: Error) => void) => void,
  ): this;
}

interface Rascal {
  readonly BrokerAsPromised: { create(config: object): Promise<RascalBroker> };
  withDefaultConfig(config: object): object;
}

const rascal = createRequire(import.meta.url)("rascal") as Rascal;

export const PUBLICATION = "send";
export const SUBSCRIPTION = "work";

/**
 * Rascal as its documentation advises: its defaults for production, a prefetch for the load, and a pool of as many
 * confirm channels as its connection may have, since a channel carries one publish at a time.
 */
export async function openRascal(url: string, prefetch: number): Promise<RascalBroker> {
  const confirmPool = { autostart: true, min: 5, max: 90 };
  const config = rascal.withDefaultConfig({
    vhosts: {
      "/": {
        connection: { url },
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
export async function publishByRascal(broker: RascalBroker, payload: Payload): Promise<void> {
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
