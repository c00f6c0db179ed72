import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type CommandResult, RunningCommand, runCommand } from "./command.js";
import { ALL_PACKAGES, type InstalledPackages, installPackages } from "./installed-packages.js";

/** A user's project: files beside installed packages. */
export class Project {
  readonly #packages: InstalledPackages;
  readonly #started: RunningCommand[] = [];

  constructor(packages: InstalledPackages) {
    this.#packages = packages;
  }

  /** Makes one with these packages and a package.json that depends on them. */
  static async create(
    files: Readonly<Record<string, string>>,
    packages: readonly string[] = ALL_PACKAGES,
    manifest: object = { type: "module" },
  ): Promise<Project> {
    const project = new Project(await installPackages(packages));
    const dependencies = Object.fromEntries(packages.map((name) => [`@chicory/${name}`, "*"]));
    await project.write({ "package.json": JSON.stringify({ name: "project", dependencies, ...manifest }), ...files });
    return project;
  }

  get directory(): string {
    return this.#packages.directory;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }

  /** Runs `chicory` to its end. */
  run(
    args: readonly string[],
    options: { env?: Readonly<Record<string, string>>; stdin?: string } = {},
  ): Promise<CommandResult> {
    return runCommand(args, { bin: this.#packages.bin, directory: this.directory, ...options });
  }

  /** Starts `chicory`; it is ended with the project. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
    const command = new RunningCommand(args, { bin: this.#packages.bin, directory: this.directory, env });
    this.#started.push(command);
    return command;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#started.map((command) => command.dispose()));
    await this.#packages.remove();
  }
}
