import { ChicoryError } from "./chicory-error.js";

/**
 * Something that a developer or an operator wrote is not acceptable: a config value, a task's definition, a queue's
 * name, the choice of a broker. Repeating the call cannot help; the message names the place and the accepted values.
 */
export class ConfigError extends ChicoryError {
  static override readonly kind = "ConfigError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_CONFIG", message, options);
  }
}
