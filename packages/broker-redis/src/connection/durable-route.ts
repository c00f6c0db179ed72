import type { Durability } from "./durability.js";
import type { Link } from "./link.js";
import type { Channel, Route } from "./route.js";

/** The way to one server on which every write is confirmed, by a link that serves nothing else. */
export class DurableRoute implements Route {
  readonly #link: Link;
  readonly #durability: Durability;
  #wrapped: { readonly connection: Channel; readonly channel: Channel } | undefined;

  constructor(link: Link, durability: Durability) {
    this.#link = link;
    this.#durability = durability;
  }

  get address(): string {
    return this.#link.address;
  }

  get current(): Channel | undefined {
    const { current } = this.#link;
    return current === undefined ? undefined : this.#wrap(current);
  }

  async ready(): Promise<Channel> {
    return this.#wrap(await this.#link.ready());
  }

  reconsider(channel: Channel, error: Error): void {
    if (channel === this.#wrapped?.channel) this.#link.reconsider(this.#wrapped.connection, error);
  }

  #wrap(connection: Channel): Channel {
    if (this.#wrapped?.connection !== connection) {
      this.#wrapped = { connection, channel: this.#durability.wrap(connection) };
    }
    return this.#wrapped.channel;
  }
}
