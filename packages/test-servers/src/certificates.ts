import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { bits, type Der, integer, octets, oid, sequence, set, tagged, time, utf8, yes } from "./der.js";

/** The server certificates that {@link createCertificates} makes: one to accept and two that a client must refuse. */
export type CertificateKind = "valid" | "wrong-name" | "expired";

/** A certificate with its private key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A private authority and what it signed. */
export interface Certificates {
  /** The authority's certificate as PEM: what a client must be given to trust the valid one. */
  readonly ca: string;
  /** For localhost, 127.0.0.1 and ::1, or for another name, or in the past. */
  readonly server: Readonly<Record<CertificateKind, Certificate>>;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const SUBJECT_ALT_NAME = "2.5.29.17";
const LOOPBACK_NAMES = [dnsName("localhost"), ipName([127, 0, 0, 1]), ipName([...Array<number>(15).fill(0), 1])];

/** Makes an authority and its server certificates anew. Everything is in memory, and nothing needs openssl. */
export function createCertificates(now: Date = new Date()): Certificates {
  const caKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name: "Chicory test authority", key: caKeys.privateKey };
  const from = new Date(now.getTime() - DAY_MS);
  const until = new Date(now.getTime() + 30 * DAY_MS);
  const caExtensions = [
    extension(BASIC_CONSTRAINTS, sequence(yes()), true),
    // keyCertSign and cRLSign.
    extension(KEY_USAGE, bits(Buffer.from([0x06]), 1), true),
  ];
  const ca = certificate({
    issuer,
    subject: issuer.name,
    publicKey: caKeys.publicKey,
    from,
    until,
    extensions: caExtensions,
  });
  const server = (names: readonly Der[], validFrom: Date, validUntil: Date): Certificate => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const extensions = [extension(SUBJECT_ALT_NAME, sequence(...names))];
    return {
      cert: certificate({
        issuer,
        subject: "chicory test server",
        publicKey,
        from: validFrom,
        until: validUntil,
        extensions,
      }),
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
  };
  return {
    ca,
    server: {
      valid: server(LOOPBACK_NAMES, from, until),
      "wrong-name": server([dnsName("elsewhere.test")], from, until),
      expired: server(LOOPBACK_NAMES, new Date(from.getTime() - 30 * DAY_MS), from),
    },
  };
}

interface CertificateFields {
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly from: Date;
  readonly until: Date;
  readonly extensions: readonly Der[];
}

function certificate({ issuer, subject, publicKey, from, until, extensions }: CertificateFields): string {
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    name(issuer.name),
    sequence(time(from), time(until)),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  const der = sequence(body, ECDSA_WITH_SHA256, bits(sign("sha256", body, issuer.key)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function name(commonName: string): Der {
  return sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));
}

function extension(id: string, value: Der, critical = false): Der {
  return critical ? sequence(oid(id), yes(), octets(value)) : sequence(oid(id), octets(value));
}

function dnsName(host: string): Der {
  return tagged(0x82, Buffer.from(host, "ascii"));
}

function ipName(address: readonly number[]): Der {
  return tagged(0x87, Buffer.from(address));
}
