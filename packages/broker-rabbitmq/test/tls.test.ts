import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@chicory/core";
import {
  type Certificates,
  canStartRabbitmqCluster,
  createCertificates,
  type RabbitmqServer,
  startRabbitmq,
} from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, receiveOne, textOf } from "./fixture.js";
import { freePort, rejection } from "./rejection.js";

// The server reads certificates from files of this machine, so it must be a local program.
const local = await canStartRabbitmqCluster();
const describeLocal = local ? describe : describe.skip;

describeLocal("a server that speaks TLS", () => {
  let folder: string;
  let server: RabbitmqServer;
  let port: number;
  let certificates: Certificates;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    const before = process.env.CHICORY_TEST_SERVERS;
    process.env.CHICORY_TEST_SERVERS = "local";
    folder = await mkdtemp(join(tmpdir(), "chicory-tls-"));
    certificates = createCertificates();
    await writeFile(file("ca.pem"), certificates.ca);
    await writeFile(file("server.pem"), certificates.server.valid.cert);
    await writeFile(file("server.key"), certificates.server.valid.key);
    port = await freePort();
    server = await startRabbitmq({
      config: [
        `listeners.ssl.1 = 127.0.0.1:${port}`,
        `ssl_options.cacertfile = ${file("ca.pem")}`,
        `ssl_options.certfile = ${file("server.pem")}`,
        `ssl_options.keyfile = ${file("server.key")}`,
        "ssl_options.verify = verify_none",
      ],
    });
    if (before === undefined) delete process.env.CHICORY_TEST_SERVERS;
    else process.env.CHICORY_TEST_SERVERS = before;
  }, 200_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  let fixture: Fixture;
  beforeEach(() => {
    fixture = new Fixture(server);
  });
  afterEach(() => fixture.close());

  it("is trusted by the authority that is given", async () => {
    const driver = fixture.driver({ url: `amqps://guest:guest@localhost:${port}`, tlsCaFile: file("ca.pem") });
    await driver.publish([fixture.message("secret way")]);
    expect(textOf(await receiveOne(await fixture.consumer(driver)))).toBe("secret way");
  });

  it("is not trusted without it, and the error says which option to set", async () => {
    const error = await rejection(fixture.driver({ host: "localhost", port, tls: true }).connect());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/certificate.*not accepted.*tlsCaFile/);
  });

  it("is not trusted under another name", async () => {
    const options = { host: "localhost", port, tls: true, tlsCaFile: file("ca.pem"), tlsServername: "mq.example" };
    const error = await rejection(fixture.driver(options).connect());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/another name.*tlsServername/);
  });

  it("says so to a client that does not speak it, and a plain server to one that does", async () => {
    const plain = await rejection(fixture.driver({ port, connectTimeoutMs: 3_000 }).connect());
    expect(plain.message).toMatch(/tls/i);
    const wrong = await rejection(fixture.driver({ tls: true, connectTimeoutMs: 3_000 }).connect());
    expect(wrong.message).toMatch(/tls/i);
  });
});
