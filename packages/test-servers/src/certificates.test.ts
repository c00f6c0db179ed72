import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { createCertificates } from "./certificates.js";

describe("createCertificates", () => {
  const { ca, server } = createCertificates();
  const authority = new X509Certificate(ca);
  const valid = new X509Certificate(server.valid.cert);

  it("makes an authority that signed itself", () => {
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
  });

  it("signs every server certificate with the authority", () => {
    for (const { cert } of Object.values(server)) {
      const certificate = new X509Certificate(cert);
      expect(certificate.checkIssued(authority)).toBe(true);
      expect(certificate.verify(authority.publicKey)).toBe(true);
    }
  });

  it("names the loopback in the valid one", () => {
    expect(valid.checkHost("localhost")).toBe("localhost");
    expect(valid.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(valid.checkIP("::1")).toBe("::1");
  });

  it("makes the valid one valid now", () => {
    expect(Date.parse(valid.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(valid.validTo)).toBeGreaterThan(Date.now());
  });

  it("names another host in the wrong one", () => {
    const wrong = new X509Certificate(server["wrong-name"].cert);
    expect(wrong.checkHost("localhost")).toBeUndefined();
    expect(wrong.checkIP("127.0.0.1")).toBeUndefined();
  });

  it("lets the expired one end in the past", () => {
    expect(Date.parse(new X509Certificate(server.expired.cert).validTo)).toBeLessThan(Date.now());
  });
});
