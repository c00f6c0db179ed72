import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { ConfigError } from "@chicory/core";
import { type CertificateKind, createCertificates } from "@chicory/test-servers";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";
import { rabbitmq } from "../src/rabbitmq.js";
import { rejection } from "./rejection.js";

// A handshake that must fail never gets as far as AMQP, so that the server need not be one.
describe("a certificate that must not be accepted", () => {
  const certificates = createCertificates();
  const folder = mkdtempSync(join(tmpdir(), "chicory-certificates-"));
  const tlsCaFile = join(folder, "ca.pem");
  writeFileSync(tlsCaFile, certificates.ca);
  let server: Server | undefined;
  let accepted = 0;
  afterEach(() => {
    server?.close();
    expect(accepted).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function connectTo(kind: CertificateKind, ca: { readonly tlsCaFile?: string }): Promise<Error> {
    server = createServer(certificates.server[kind], (socket) => {
      accepted += 1;
      socket.destroy();
    });
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const driver = rabbitmq({ host: "127.0.0.1", port, tls: true, connectTimeoutMs: 20_000, ...ca });
    try {
      return await rejection(driver.connect());
    } finally {
      await driver.close();
    }
  }

  it.each<[CertificateKind, RegExp]>([
    ["expired", /not accepted: it has expired/],
    ["wrong-name", /not accepted: it is for another name.*tlsServername/],
  ])("is refused as one that is %s, though its authority is known", async (kind, says) => {
    const error = await connectTo(kind, { tlsCaFile });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(says);
  });

  it("is refused if its authority is not known here", async () => {
    const error = await connectTo("valid", {});
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/authority is not known here.*tlsCaFile/);
  });
});
