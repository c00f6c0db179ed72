import type { Execution } from "./execution.js";

/** The executions of one queue that have not ended, in no order. Adding and removing take the same time however many. */
export class Slots {
  readonly #executions: Execution[] = [];
  #decided = 0;

  /** How many are taken. */
  get taken(): number {
    return this.#executions.length;
  }

  /** How many are taken by executions whose outcome is known: handlers that go on regardless. */
  get zombies(): number {
    return this.#decided;
  }

  /** How many executions are not decided. */
  get undecided(): number {
    return this.#executions.length - this.#decided;
  }

  add(execution: Execution): void {
    execution.index = this.#executions.length;
    this.#executions.push(execution);
  }

  /** Marks the outcome as known; false if it was before. */
  decide(execution: Execution): boolean {
    if (execution.decided) return false;
    execution.decided = true;
    this.#decided += 1;
    return true;
  }

  /** Frees the slot of a decided execution whose handler has ended, or never began. */
  remove(execution: Execution): void {
    const last = this.#executions.pop();
    if (last !== undefined && last !== execution) {
      this.#executions[execution.index] = last;
      last.index = execution.index;
    }
    this.#decided -= 1;
  }

  /** Those that are not decided; a copy, so that they can be decided on the way. */
  listUndecided(): readonly Execution[] {
    return this.#executions.filter((execution) => !execution.decided);
  }

  /** Those whose handler goes on although they are decided, and that were not listed before. */
  takeNewZombies(): readonly Execution[] {
    if (this.#decided === 0) return [];
    const found = this.#executions.filter((execution) => execution.decided && !execution.noticed);
    for (const zombie of found) zombie.noticed = true;
    return found;
  }
}
