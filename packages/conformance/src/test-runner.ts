/** What the suite needs of a test runner; jest, vitest and mocha have it as globals. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeoutMs: number): void;
  skip(name: string): void;
  beforeAll(body: () => Promise<void>, timeoutMs: number): void;
  afterAll(body: () => Promise<void>, timeoutMs: number): void;
}

type AnyFunction = (...parameters: unknown[]) => unknown;

/** Finds the globals of the runner that loaded the test file. Throws if there are none. */
export function globalTestRunner(): TestRunner {
  const describe = globalFunction("describe");
  const it = globalFunction("it");
  const beforeAll = globalFunction("beforeAll", "before");
  const afterAll = globalFunction("afterAll", "after");
  return {
    describe: (name, body) => void describe(name, body),
    it: (name, body, timeoutMs) => void it(name, body, timeoutMs),
    skip: (name) => {
      const skip: unknown = Reflect.get(it, "skip");
      // The empty body is for runners that take a test without one for a reminder.
      if (typeof skip === "function") skip.call(it, name, () => undefined);
    },
    beforeAll: (body, timeoutMs) => void beforeAll(body, timeoutMs),
    afterAll: (body, timeoutMs) => void afterAll(body, timeoutMs),
  };
}

function globalFunction(...names: readonly string[]): AnyFunction {
  for (const name of names) {
    const value: unknown = Reflect.get(globalThis, name);
    if (typeof value === "function") return value as AnyFunction;
  }
  throw new Error(`There is no global ${names[0]}: call describeBrokerConformance from a test file of jest or vitest`);
}
