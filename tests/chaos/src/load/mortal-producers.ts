import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LEDGER_SUFFIX, type Ledger } from "../ledger.js";
import { program } from "../program.js";
import { readLedger } from "../read-history.js";
import type { ProducerSettings } from "./producer-settings.js";

/** A producer that is to kill itself has compiled itself, connected and published long before. */
const DEATH_DEADLINE_MS = 30_000;

/** What all of them have in common, and the history of whoever starts them. */
export interface MortalProducersOptions {
  readonly settings: Omit<ProducerSettings, "name" | keyof ProducerDeath>;
  readonly ledger: Ledger;
}

/** How one of them dies. */
export type ProducerDeath = Pick<ProducerSettings, "dies" | "nth" | "seed">;

/** Processes that send as the run's producer does, and kill themselves in the middle of it. */
export class MortalProducers {
  readonly #options: MortalProducersOptions;
  #started = 0;

  constructor(options: MortalProducersOptions) {
    this.#options = options;
  }

  /**
   * Starts one, and resolves when it is dead; with false if it was killed from outside in the end, since it did not come
   * to that point. Of what it sent and had no answer for, the history says from here on that its fate is unknown.
   */
  async playOne(death: ProducerDeath): Promise<boolean> {
    const { settings, ledger } = this.#options;
    this.#started += 1;
    const name = `mortal-producer-${this.#started}`;
    const json = JSON.stringify({ ...settings, ...death, name } satisfies ProducerSettings);
    const log = openSync(join(settings.folder, `${name}.log`), "a");
    const child = spawn(process.execPath, [fileURLToPath(program("producer-process")), json], {
      stdio: ["ignore", log, log, "ipc"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    closeSync(log);
    let inTime = true;
    const force = setTimeout(() => {
      inTime = false;
      child.kill("SIGKILL");
    }, DEATH_DEADLINE_MS);
    const [code, signal] = await once(child, "exit");
    clearTimeout(force);
    ledger.write({ kind: "nemesis", op: "kill", phase: "begin", target: name });
    if (signal !== "SIGKILL") throw new Error(`${name} ended by itself with ${code}: see its log`);
    const unanswered = new Set<string>();
    for (const event of readLedger(join(settings.folder, `${name}${LEDGER_SUFFIX}`))) {
      if (event.kind === "pub-call") unanswered.add(event.id);
      else if (event.kind === "pub-ok" || event.kind === "pub-fail" || event.kind === "pub-unknown") {
        unanswered.delete(event.id);
      }
    }
    for (const id of unanswered) ledger.write({ kind: "pub-unknown", id, code: "PRODUCER_DIED" });
    return inTime;
  }
}
