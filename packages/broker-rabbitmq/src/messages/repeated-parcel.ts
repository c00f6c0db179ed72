import type { RabbitmqDelivery } from "../consuming/rabbitmq-delivery.js";
import type { Names } from "../topology/names.js";
import { HEADERS } from "./headers.js";
import { keptProperties } from "./kept-properties.js";
import type { Parcel } from "./parcel.js";

/** A delivery's message once more, with its properties and a note of how often it was handed out before this time. */
export function repeatedParcel(delivery: RabbitmqDelivery, names: Names): Parcel {
  const { queue, body, deliveryCount } = delivery;
  const { headers, ...properties } = keptProperties(delivery.properties);
  const { [HEADERS.deliveries]: _before, ...rest } = headers ?? {};
  const all = deliveryCount > 1 ? { ...rest, [HEADERS.deliveries]: deliveryCount - 1 } : rest;
  return {
    exchange: "",
    routingKey: names.queue(queue),
    usual: false,
    body,
    bodyBytes: body.byteLength,
    properties: { ...properties, ...(Object.keys(all).length > 0 ? { headers: all } : {}) },
  };
}
