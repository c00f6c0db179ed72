import { ConfigError } from "../errors/config-error.js";
import type { TaskDefinition } from "./task-definition.js";

/** The tasks of one app by name. Looked up by exact name only, whatever a message says. */
export class TaskRegistry {
  readonly #tasks = new Map<string, TaskDefinition>();

  /** Adds a task; throws a {@link ConfigError} if its name is taken. */
  add(task: TaskDefinition): void {
    if (this.#tasks.has(task.name)) {
      throw new ConfigError(`Task "${task.name}" is defined twice in this app: give one of them another name`);
    }
    this.#tasks.set(task.name, task);
  }

  get(name: string): TaskDefinition | undefined {
    return this.#tasks.get(name);
  }

  /** Every task, in the order of definition. */
  all(): readonly TaskDefinition[] {
    return [...this.#tasks.values()];
  }

  /** Queues that the tasks are sent to by default, without repetition, in the order of definition. */
  queues(): readonly string[] {
    return [...new Set(this.all().map((task) => task.queue))];
  }
}
