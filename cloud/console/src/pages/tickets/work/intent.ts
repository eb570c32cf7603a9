import { uuidv7 } from '@hallhub/shared/ids';

/** A key for each intent: pressed again without an answer, the same thing has the same key, and another thing another one. */
export class Intent {
  #key = '';
  #of: string | undefined;

  keyFor(thing: unknown): string {
    const of = JSON.stringify(thing);
    if (of !== this.#of) {
      this.#of = of;
      this.#key = uuidv7();
    }
    return this.#key;
  }

  /** It was answered: the next press is another intent. */
  answered(): void {
    this.#of = undefined;
  }
}
