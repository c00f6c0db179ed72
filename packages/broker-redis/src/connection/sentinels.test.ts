import { ConnectionError, silentLogger } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import type { Connection } from "./connection.js";
import type { Opener } from "./opener.js";
import { Sentinels } from "./sentinels.js";

const OLD = "10.0.0.1:6379";
const NEW = "10.0.0.2:6379";
const OPTIONS = { blockMs: 0, onEnd: () => undefined };

/** Sentinels that name these masters, in the order in which they answer; undefined does not answer. Any server is one. */
function naming(...named: readonly (string | undefined)[]) {
  const answers = [...named];
  const endpoint = (address: string) => ({ address, commandTimeoutMs: 1_000, connectTimeoutMs: 1_000 });
  const connection = (address: string, reply: unknown) =>
    ({ address, command: async () => reply, close: () => undefined }) as unknown as Connection;
  const opener = {
    openUnchecked: async ({ address }: { address: string }) => {
      const answer = answers[Number(address)];
      if (answer === undefined) throw new ConnectionError("is down");
      return connection(address, answer.split(":"));
    },
    open: async ({ address }: { address: string }) => connection(address, ["master"]),
  } as unknown as Opener;
  const sentinels = new Sentinels({
    name: "chicory",
    sentinels: named.map((_, index) => endpoint(String(index))) as never,
    endpointAt: (({ host, port }: { host: string; port: number }) => endpoint(`${host}:${port}`)) as never,
    opener,
    logger: silentLogger,
  });
  return { sentinels, answers, opened: async () => (await sentinels.open("commands", OPTIONS)).address };
}

describe("a master that still answers", () => {
  it("is disowned when most of the sentinels name another", async () => {
    const { sentinels } = naming(OLD, NEW, NEW);
    expect(await sentinels.disown(OLD)).toBe(true);
    expect(await sentinels.disown(NEW)).toBe(false);
  });

  it("stays when one sentinel of three names another, and when the others do not answer", async () => {
    expect(await naming(NEW, OLD, OLD).sentinels.disown(OLD)).toBe(false);
    expect(await naming(NEW, undefined, undefined).sentinels.disown(OLD)).toBe(false);
    expect(await naming(undefined, undefined, undefined).sentinels.disown(OLD)).toBe(false);
  });

  it("is not gone back to on the word of the one sentinel that was cut off with it", async () => {
    const { sentinels, opened } = naming(OLD, NEW, NEW);
    expect(await opened()).toBe(OLD);
    await sentinels.disown(OLD);
    expect(await opened()).toBe(NEW);
  });

  it("is gone back to when most of the sentinels name it again", async () => {
    const { sentinels, opened, answers } = naming(OLD, NEW, NEW);
    await sentinels.disown(OLD);
    answers.fill(OLD);
    expect(await opened()).toBe(OLD);
  });
});
