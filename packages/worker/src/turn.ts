/**
 * Calls a function once at the end of the event loop's current turn, however often it is asked to. What ends in one
 * turn is settled and replaced together, and a worker whose broker answers at once still lets everything else in the
 * process have its turn.
 */
export class Turn {
  readonly #run: () => void;
  #requested = false;

  constructor(run: () => void) {
    this.#run = run;
  }

  request(): void {
    if (this.#requested) return;
    this.#requested = true;
    setImmediate(this.#fire);
  }

  readonly #fire = (): void => {
    this.#requested = false;
    this.#run();
  };
}
