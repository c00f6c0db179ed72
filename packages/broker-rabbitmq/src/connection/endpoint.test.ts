import { resolveSection } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { type RabbitmqOptions, rabbitmqSection } from "../config.js";
import { parseAmqpUrl, parseHost, serverOf } from "./endpoint.js";

const NO_ENVIRONMENT = { variables: {}, dotenv: {} };
const configOf = (explicit: RabbitmqOptions) =>
  resolveSection(rabbitmqSection, { explicit, environment: NO_ENVIRONMENT }).values;

describe("a URL", () => {
  it("names host, port, user, password, virtual host and TLS", () => {
    expect(parseAmqpUrl("amqps://me:p%40ss@mq.example:5999/my%2Fvhost")).toEqual({
      host: "mq.example",
      port: 5_999,
      username: "me",
      password: "p@ss",
      vhost: "my/vhost",
      tls: true,
    });
  });

  it("leaves out what it does not name, and takes an address of version 6", () => {
    expect(parseAmqpUrl("amqp://mq.example")).toEqual({ host: "mq.example" });
    expect(parseAmqpUrl("amqp://[::1]:5673/")).toEqual({ host: "::1", port: 5_673 });
  });

  it("is not shown when it cannot be read", () => {
    expect(() => parseAmqpUrl("amqp://me:s3cr#t/x@host")).toThrow(/escape special characters/);
    expect(() => parseAmqpUrl("amqp://me:s3cr#t/x@host")).not.toThrow(/s3cr/);
  });
});

describe("the server", () => {
  it("is at 127.0.0.1:5672 by default, and with TLS at 5671", () => {
    expect(serverOf(configOf({})).endpoints).toEqual([{ host: "127.0.0.1", port: 5_672 }]);
    expect(serverOf(configOf({ tls: true })).endpoints).toEqual([{ host: "127.0.0.1", port: 5_671 }]);
    expect(serverOf(configOf({ url: "amqps://mq" })).endpoints).toEqual([{ host: "mq", port: 5_671 }]);
  });

  it("may be several nodes", () => {
    expect(serverOf(configOf({ hosts: ["a", "b:5673", "[::1]:5674"], port: 5_679 })).endpoints).toEqual([
      { host: "a", port: 5_679 },
      { host: "b", port: 5_673 },
      { host: "::1", port: 5_674 },
    ]);
  });

  it("is asked by a connection that says whose it is, with heartbeats in seconds", () => {
    const server = serverOf(configOf({ connectionName: "shop", heartbeatMs: 1_500, vhost: "tenant-a" }));
    const [endpoint] = server.endpoints;
    expect(server.options(endpoint!, "publish")).toMatchObject({
      connectionName: "shop/publish",
      heartbeat: 2,
      vhost: "tenant-a",
      frameMax: 131_072,
    });
  });

  it("refuses a host that is none", () => {
    expect(() => parseHost("a:b:c", 1)).toThrow(/host or host:port/);
  });
});
