/** The version of a RabbitMQ server, as far as features depend on it. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
}

/**
 * Reads the version out of the bytes of the server's greeting (`connection.start`), the only place where AMQP tells
 * it. Undefined for another product, and for a greeting without one: nothing is known of such a server then.
 */
export function versionIn(greeting: Buffer): ServerVersion | undefined {
  if (property(greeting, "product") !== "RabbitMQ") return undefined;
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(property(greeting, "version") ?? "") ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** Whether a server is of this version or a newer one. One that is not known is not. */
export function isAtLeast(version: ServerVersion | undefined, major: number, minor: number): boolean {
  if (version === undefined) return false;
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** The value of a text in the table of server properties: its name after its length, `S`, and the text after its own. */
function property(greeting: Buffer, name: string): string | undefined {
  const key = Buffer.from(`${String.fromCharCode(name.length)}${name}S`, "latin1");
  const at = greeting.indexOf(key);
  const start = at + key.length + 4;
  if (at < 0 || start > greeting.length) return undefined;
  return greeting.toString("latin1", start, start + greeting.readUInt32BE(at + key.length));
}
