/** What is used of rascal, which comes without types. */
declare module "rascal" {
  /** A publication or a subscription. */
  export interface Events {
    on(event: "success" | "return", listener: () => void): this;
    on(event: "error" | "invalid_content", listener: (error: Error) => void): this;
    on(event: "message", listener: (message: object, content: unknown, ack: () => void) => void): this;
  }

  export interface Broker {
    publish(publication: string, body: Buffer, overrides: object): Promise<Events>;
    subscribe(subscription: string): Promise<Events>;
    on(event: "error", listener: (error: Error) => void): void;
    shutdown(): Promise<void>;
  }

  const rascal: {
    readonly BrokerAsPromised: { create(config: object): Promise<Broker> };
    withDefaultConfig(config: object): object;
  };
  // biome-ignore lint/style/noDefaultExport: it is how Node imports what the package exports.
  export default rascal;
}
