import { describe, expect, it } from "@jest/globals";
import { isAtLeast, versionIn } from "./server-version.js";

/** The properties of a server as its greeting carries them. */
function greeting(properties: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(properties).map(([name, value]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(value));
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from("S"), length, Buffer.from(value)]);
  });
  return Buffer.concat([Buffer.from([0, 10, 0, 10, 0, 9, 0, 0, 0, 99]), ...entries, Buffer.from([0xce])]);
}

describe("the version of a server", () => {
  it.each([
    ["3.10.8", { major: 3, minor: 10 }],
    ["4.0.5", { major: 4, minor: 0 }],
    ["4.3.0-rc.1", { major: 4, minor: 3 }],
  ])("%s is read from its greeting", (version, expected) => {
    expect(versionIn(greeting({ cluster_name: "a", product: "RabbitMQ", version }))).toEqual(expected);
  });

  it("is not known of another product, of a strange text, and of none", () => {
    expect(versionIn(greeting({ product: "LavinMQ", version: "4.1.0" }))).toBeUndefined();
    expect(versionIn(greeting({ product: "RabbitMQ", version: "next" }))).toBeUndefined();
    expect(versionIn(greeting({ product: "RabbitMQ" }))).toBeUndefined();
    expect(versionIn(Buffer.from("\u0007versionS", "latin1"))).toBeUndefined();
    expect(versionIn(Buffer.alloc(0))).toBeUndefined();
  });

  it("is compared by its parts, and nothing is assumed of one that is not known", () => {
    expect(isAtLeast({ major: 3, minor: 12 }, 3, 12)).toBe(true);
    expect(isAtLeast({ major: 3, minor: 9 }, 3, 12)).toBe(false);
    expect(isAtLeast({ major: 4, minor: 0 }, 3, 12)).toBe(true);
    expect(isAtLeast({ major: 4, minor: 2 }, 4, 3)).toBe(false);
    expect(isAtLeast(undefined, 3, 0)).toBe(false);
  });
});
