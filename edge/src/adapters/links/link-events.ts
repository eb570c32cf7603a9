import type { HubError } from '@hallhub/shared';
import type { LinkListener } from './byte-link.js';

const maxEarlyBytes = 65_536;

/** The listener side of a link: keeps what came before anybody listened, says `closed` exactly once. */
export class LinkEvents {
  #listener: LinkListener | undefined;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #closed: { reason: HubError | undefined } | undefined;

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) listener.data(bytes);
    if (this.#closed) listener.closed(this.#closed.reason);
  }

  data(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#listener) {
      this.#listener.data(bytes);
    } else if (this.#earlyBytes < maxEarlyBytes) {
      this.#early.push(bytes);
      this.#earlyBytes += bytes.length;
    }
  }

  closed(reason?: HubError): void {
    if (this.#closed) return;
    this.#closed = { reason };
    this.#listener?.closed(reason);
  }
}
