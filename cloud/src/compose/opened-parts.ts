import type { Logger } from 'pino';

/** How long requests that are under way may take to end. */
export const requestGraceMs = 2_000;

/** What was opened so far, to be closed in reverse order. */
export class OpenedParts {
  readonly #closers: (() => unknown)[] = [];

  constructor(private readonly log: Logger) {}

  /** Hands it back, to be closed with the rest. */
  keep<Part extends { close(): unknown }>(part: Part): Part {
    this.onClose(() => part.close());
    return part;
  }

  onClose(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Never throws: what fails to close does not keep the others open. */
  async close(): Promise<void> {
    for (const closeOne of this.#closers.splice(0).reverse()) {
      try {
        await closeOne();
      } catch (error) {
        this.log.error({ err: error }, 'closing failed');
      }
    }
  }
}
