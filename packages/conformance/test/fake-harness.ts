import type { BrokerDriver } from "@chicory/core";
import type { BrokerHarness } from "../src/index.js";

/** A harness whose drivers can do nothing but be closed. */
export class FakeHarness implements BrokerHarness {
  readonly capabilities = {} as BrokerHarness["capabilities"];
  readonly closed: BrokerDriver[] = [];
  /** How drivers close. */
  closeDriver: () => Promise<void> = async () => undefined;
  isClosed = false;
  #now = 0;

  createDriver(): BrokerDriver {
    const close = async (): Promise<void> => {
      this.closed.push(driver);
      await this.closeDriver();
    };
    const driver = { name: "fake", close } as BrokerDriver;
    return driver;
  }

  now(): number {
    return this.#now;
  }

  async elapse(ms: number): Promise<void> {
    this.#now += ms;
  }

  async crash(): Promise<void> {}

  async putForeign(): Promise<void> {}

  async storedCount(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
