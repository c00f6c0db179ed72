import { rm } from "node:fs/promises";
import type { StartedTestContainer } from "testcontainers";
import type { ServerRunner } from "./server-runner.js";
import { TestServerError } from "./test-server-error.js";

/** An image may have to be pulled first. */
const START_DEADLINE_MS = 300_000;
const TERMINATE_SECONDS = 60;
const LOG_TAIL_LINES = 30;
/** A log that has not ended by then is cut off; it only explains another error. */
const LOG_DEADLINE_MS = 5_000;

/** The image of a {@link ContainerRunner} and how it is run. */
export interface ContainerCommand {
  readonly image: string;
  /** Replaces the image's own command. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Written into the container before it starts. */
  readonly files: readonly { readonly target: string; readonly content: string }[];
  readonly port: { readonly container: number; readonly host: number };
  /** A folder of this machine that is removed with the container. */
  readonly folder?: string;
}

/** Runs a server in Docker by testcontainers, whose own reaper removes it should this process die. */
export class ContainerRunner implements ServerRunner {
  readonly pid = undefined;
  readonly #command: ContainerCommand;
  #container: StartedTestContainer | undefined;
  #running = false;
  #paused = false;
  #startedAt = 0;

  constructor(command: ContainerCommand) {
    this.#command = command;
  }

  get host(): string {
    const host = this.#container?.getHost() ?? "127.0.0.1";
    // The same machine, without the detour over IPv6 on which some engines do not listen.
    return host === "localhost" ? "127.0.0.1" : host;
  }

  async isRunning(): Promise<boolean> {
    if (!this.#running) return false;
    const { State } = await (await this.#handle()).inspect();
    this.#running = State.Running;
    return this.#running;
  }

  async start(): Promise<void> {
    this.#startedAt = Math.floor(Date.now() / 1_000);
    if (this.#container) await (await this.#handle()).start();
    else this.#container = await this.#create();
    this.#running = true;
  }

  async terminate(): Promise<void> {
    if (!this.#running) return;
    await (await this.#handle()).stop({ t: TERMINATE_SECONDS });
    this.#running = false;
  }

  async kill(): Promise<void> {
    if (!this.#running) return;
    const handle = await this.#handle();
    if (this.#paused) await this.resume();
    await handle.kill({ signal: "SIGKILL" });
    await handle.wait();
    this.#running = false;
  }

  async pause(): Promise<void> {
    await (await this.#handle()).pause();
    this.#paused = true;
  }

  async resume(): Promise<void> {
    await (await this.#handle()).unpause();
    this.#paused = false;
  }

  async wipe(): Promise<void> {
    await this.#container?.stop();
    this.#container = undefined;
  }

  async log(): Promise<string> {
    const stream = await this.#container?.logs({ since: this.#startedAt });
    if (!stream) return "";
    let text = "";
    const timer = setTimeout(() => stream.destroy(), LOG_DEADLINE_MS).unref();
    try {
      for await (const chunk of stream) text += String(chunk);
    } catch {
      // Cut off at the deadline: what was read is still worth showing.
    } finally {
      clearTimeout(timer);
    }
    return text;
  }

  async dispose(): Promise<void> {
    if (this.#paused) await this.resume();
    await this.wipe();
    this.#running = false;
    const { folder } = this.#command;
    if (folder) await rm(folder, { recursive: true, force: true });
  }

  /** Runs a program in the container and returns what it printed. */
  async execute(command: readonly string[]): Promise<string> {
    if (!this.#container) throw new TestServerError(`The container of ${this.#command.image} is not running`);
    const { exitCode, output } = await this.#container.exec([...command]);
    if (exitCode !== 0) throw new TestServerError(`${command.join(" ")} failed in the container: ${output}`);
    return output;
  }

  async #create(): Promise<StartedTestContainer> {
    // Loaded here, because it takes half a second that tests with local servers need not pay.
    const { GenericContainer, Wait } = await import("testcontainers");
    let id: string | undefined;
    class KnownContainer extends GenericContainer {
      protected override async containerCreated(containerId: string): Promise<void> {
        id = containerId;
      }
    }
    const { image, command, environment = {}, files, port } = this.#command;
    const container = new KnownContainer(image)
      .withExposedPorts(port)
      .withEnvironment({ ...environment })
      .withCopyContentToContainer([...files])
      // Whether the server answers is asked in its own protocol; here it is enough that it runs and says something.
      .withWaitStrategy(Wait.forLogMessage(/./))
      .withStartupTimeout(START_DEADLINE_MS);
    if (command) container.withCommand([...command]);
    try {
      return await container.start();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const log = id === undefined ? "" : await removeFailed(id);
      const advice = "CHICORY_TEST_SERVERS=local uses a local program instead.";
      throw new TestServerError(`Docker answers, but cannot run ${image}: ${reason}. ${advice}\n${log}`, { cause });
    }
  }

  /** Docker's own handle: testcontainers can neither kill nor pause. */
  async #handle() {
    if (!this.#container) throw new TestServerError(`The container of ${this.#command.image} was never started`);
    return containerHandle(this.#container.getId());
  }
}

async function containerHandle(id: string) {
  const { getContainerRuntimeClient } = await import("testcontainers");
  const client = await getContainerRuntimeClient();
  return client.container.getById(id);
}

/** Removes a container that did not come up, and returns what it said, which is the only hint at the reason. */
async function removeFailed(id: string): Promise<string> {
  const handle = await containerHandle(id);
  const log = await handle.logs({ stdout: true, stderr: true, tail: LOG_TAIL_LINES });
  await handle.remove({ force: true });
  return log.toString("utf8");
}
