import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Ledger, measureEpoch } from "./ledger.js";
import { readHistory } from "./read-history.js";

describe("a history is read", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chicory-history-"));
    const epoch = measureEpoch();
    const [producer, worker] = [new Ledger(folder, "producer", epoch), new Ledger(folder, "worker", epoch)];
    worker.write({ kind: "worker-ready", worker: "w" });
    producer.write({ kind: "pub-ok", id: "a" });
    worker.write({ kind: "run-end", id: "a", attempt: 1, worker: "w", ok: true });
    producer.close();
    worker.close();
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const kinds = () => readHistory(folder).map(({ kind }) => kind);

  it("from every process, in the order of time", () => {
    expect(kinds()).toEqual(["worker-ready", "pub-ok", "run-end"]);
  });

  it("without a last line that a kill cut off", () => {
    appendFileSync(join(folder, "worker.jsonl"), '{"kind":"run-end","id":"a","att');
    expect(kinds()).toEqual(["worker-ready", "pub-ok", "run-end"]);
  });

  it("not at all if a line in the middle is torn", () => {
    appendFileSync(join(folder, "worker.jsonl"), '{"kind":"run-end","id":"a","att\n{"kind":"pub-ok","id":"a","t":1}\n');
    expect(kinds).toThrow(/Line 3 of .*worker\.jsonl/);
  });

  it("not at all if a line is no event", () => {
    appendFileSync(join(folder, "worker.jsonl"), '{"kind":"run-finished","id":"a","t":1}\n');
    expect(kinds).toThrow(/Line 3 of .*worker\.jsonl/);
  });

  it("without what lies beside it", () => {
    writeFileSync(join(folder, "server.log"), "ready\n");
    expect(kinds()).toHaveLength(3);
  });
});
