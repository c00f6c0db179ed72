import { afterEach, describe, expect, it } from "@jest/globals";
import { project } from "../../test/projects.js";
import { ConfigError } from "../errors/config-error.js";
import { type BrokerChoiceSources, chooseBroker } from "./broker-choice.js";

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const remove of cleanup.splice(0)) remove();
});

function folder(manifest: object | string, more: Record<string, string | object> = {}): string {
  const { path, remove } = project({ "package.json": manifest, ...more });
  cleanup.push(remove);
  return path;
}

const depends = (...names: string[]) => ({ dependencies: Object.fromEntries(names.map((name) => [name, "1.0.0"])) });
const nothing = { variables: {}, dotenv: {} };
const choose = (workingDirectory: string, more: Partial<BrokerChoiceSources> = {}) =>
  chooseBroker({ environment: nothing, workingDirectory, ...more });

describe("choice of a broker", () => {
  it("takes the option before the environment, and that before .env and dependencies", () => {
    const directory = folder(depends("@chicory/broker-redis"));
    const environment = { variables: { CHICORY_BROKER: "rabbitmq" }, dotenv: { CHICORY_BROKER: "memory" } };
    expect(choose(directory, { environment, option: "@acme/broker" }).packageName).toBe("@acme/broker");
    expect(choose(directory, { environment }).packageName).toBe("@chicory/broker-rabbitmq");
    expect(choose(directory, { environment: { ...environment, variables: {} } }).packageName).toBe(
      "@chicory/broker-memory",
    );
    expect(choose(directory)).toMatchObject({
      packageName: "@chicory/broker-redis",
      directories: [directory],
    });
  });

  it("knows a third party's package among the dependencies by its name", () => {
    expect(choose(folder(depends("react", "chicory-broker-nats"))).packageName).toBe("chicory-broker-nats");
    expect(choose(folder(depends("@acme/chicory-broker-sqs"))).packageName).toBe("@acme/chicory-broker-sqs");
  });

  it("looks at the package.json nearest to the app before that of the working directory", () => {
    const app = folder(depends("@chicory/broker-redis"), { "src/jobs/tasks.ts": "" });
    const work = folder(depends("@chicory/broker-memory"));
    expect(choose(work, { appDirectory: `${app}/src/jobs` }).packageName).toBe("@chicory/broker-redis");
    expect(choose(work, { appDirectory: folder({}) }).packageName).toBe("@chicory/broker-memory");
  });

  it("does not count development dependencies", () => {
    const directory = folder({
      ...depends("@chicory/broker-redis"),
      devDependencies: { "@chicory/broker-memory": "1" },
    });
    expect(choose(directory).packageName).toBe("@chicory/broker-redis");
  });

  it("says what to install if there is none", () => {
    const directory = folder(depends("@chicory/core"));
    expect(() => choose(directory)).toThrow(ConfigError);
    expect(() => choose(directory)).toThrow(
      /No broker is installed: .*package.json depends on none. Run npm install @chicory\/broker-redis/,
    );
  });

  it("says what to set if there are two", () => {
    const directory = folder(depends("@chicory/broker-redis", "@chicory/broker-rabbitmq"));
    expect(() => choose(directory)).toThrow(
      /several brokers \(@chicory\/broker-redis, @chicory\/broker-rabbitmq\): set CHICORY_BROKER/,
    );
  });

  it("names a package.json that is not readable", () => {
    expect(() => choose(folder("{ oops"))).toThrow(/package.json is not readable as JSON/);
  });
});
