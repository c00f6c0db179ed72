import { describe, expect, it } from "@jest/globals";
import type { RabbitmqDelivery } from "./rabbitmq-delivery.js";
import { ReceiveLine } from "./receive-line.js";

const never = new AbortController().signal;
const delivery = (id: string) => ({ id, state: "kept" }) as unknown as RabbitmqDelivery;

describe("the line of receives", () => {
  it("hands out what is there, at most as many as are asked for", async () => {
    const line = new ReceiveLine();
    for (const id of ["a", "b", "c"]) line.push(delivery(id));
    expect((await line.receive(2, never)).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(line.kept).toBe(1);
  });

  it("hands what arrives in one turn to the first that waits", async () => {
    const line = new ReceiveLine();
    const [first, second] = [line.receive(2, never), line.receive(2, never)];
    for (const id of ["a", "b", "c"]) line.push(delivery(id));
    expect((await first).map(({ id }) => id)).toEqual(["a", "b"]);
    expect((await second).map(({ id }) => id)).toEqual(["c"]);
  });

  it("keeps what arrives during an abort for the next", async () => {
    const line = new ReceiveLine();
    const abort = new AbortController();
    const aborted = line.receive(1, abort.signal);
    line.push(delivery("a"));
    abort.abort();
    expect(await aborted).toEqual([]);
    expect((await line.receive(1, never)).map(({ id }) => id)).toEqual(["a"]);
  });

  it("rejects those that wait, and serves those that come later", async () => {
    const line = new ReceiveLine();
    const failing = line.receive(1, never);
    line.fail(new Error("gone"));
    await expect(failing).rejects.toThrow("gone");
    const next = line.receive(1, never);
    line.push(delivery("a"));
    expect(await next).toHaveLength(1);
  });

  it("resolves everything with nothing once it is closed", async () => {
    const line = new ReceiveLine();
    const waiting = line.receive(1, never);
    line.close();
    expect(await waiting).toEqual([]);
    expect(await line.receive(1, never)).toEqual([]);
  });

  it("puts back what was taken out before what came since", async () => {
    const line = new ReceiveLine();
    line.push(delivery("a"));
    const out = line.drain();
    line.push(delivery("b"));
    line.restore(out);
    expect((await line.receive(9, never)).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
