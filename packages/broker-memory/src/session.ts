/** A consumer as the server knows it. */
export interface Session {
  readonly queue: string;
  readonly leaseMs: number;
  closed: boolean;
}
