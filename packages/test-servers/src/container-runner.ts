import { rm } from "node:fs/promises";
import type { StartedTestContainer } from "testcontainers";
import type { ServerRunner } from "./server-runner.js";
import { TestServerError } from "./test-server-error.js";

/** An image may have to be pulled first. */
const START_DEADLINE_MS = 300_000;
const TERMINATE_SECONDS = 60;
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
    return this.#container?.getHost() ?? "127.0.0.1";
  }

  get running(): boolean {
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
    const { GenericContainer } = await import("testcontainers");
    const { image, command, environment = {}, files, port } = this.#command;
    const container = new GenericContainer(image)
      .withExposedPorts(port)
      .withEnvironment({ ...environment })
      .withCopyContentToContainer([...files])
      .withStartupTimeout(START_DEADLINE_MS);
    if (command) container.withCommand([...command]);
    return container.start();
  }

  /** Docker's own handle: testcontainers can neither kill nor pause. */
  async #handle() {
    if (!this.#container) throw new TestServerError(`The container of ${this.#command.image} was never started`);
    const { getContainerRuntimeClient } = await import("testcontainers");
    const client = await getContainerRuntimeClient();
    return client.container.getById(this.#container.getId());
  }
}
