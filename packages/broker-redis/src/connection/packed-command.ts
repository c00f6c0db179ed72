import { Command } from "ioredis";
import type { Argument } from "../scripts/script.js";
import type { CommandPacker } from "./command-packer.js";

const NO_ARGUMENTS: string[] = [];

/**
 * A command that is written by a {@link CommandPacker}. The library's own way looks at every argument four times,
 * measures it, and joins all of them to one string, which is then measured and converted once more: for a batch of
 * messages that costs more than all else that is done to send them. Nothing of the arguments is left where the library
 * attaches them to errors.
 */
export class PackedCommand extends Command {
  #arguments: readonly Argument[] | undefined;
  readonly #packer: CommandPacker;

  constructor(name: string, args: readonly Argument[], packer: CommandPacker) {
    super(name, NO_ARGUMENTS, { replyEncoding: null });
    this.#arguments = args;
    this.#packer = packer;
  }

  /** Called once, by the library when it writes to the socket, which it does with the result at once. */
  override toWritable(socket: object): Buffer {
    const args = this.#arguments;
    if (args === undefined) throw new Error(`The command ${this.name} was written before, and none is written twice`);
    // The library's commands outlive their answers, until old garbage is collected: their arguments need not.
    this.#arguments = undefined;
    return this.#packer.pack(this.name, args, socket);
  }
}
