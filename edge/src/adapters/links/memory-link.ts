import { HubError } from '@hallhub/shared';
import type { ByteLink, LinkListener, LinkOpener } from './byte-link.js';
import { LinkEvents } from './link-events.js';

/** Two ends of a link in memory; bytes arrive in a later microtask, as from a real peer. */
export const memoryLinkPair = (name = 'memory'): [ByteLink, ByteLink] => {
  const a = new MemoryLink(name);
  const b = new MemoryLink(name);
  a.other = b;
  b.other = a;
  return [a, b];
};

/** An opener whose every connection is handed to `serve`. Throw there to refuse. */
export const memoryLinkOpener = (serve: (peer: ByteLink) => void, name = 'memory'): LinkOpener => ({
  name,
  open: async (signal) => {
    signal.throwIfAborted();
    const [near, far] = memoryLinkPair(name);
    serve(far);
    return near;
  },
});

class MemoryLink implements ByteLink {
  readonly #events = new LinkEvents();
  other: MemoryLink | undefined;

  constructor(readonly name: string) {}

  get isOpen(): boolean {
    return !this.#events.isClosed;
  }

  listen(listener: LinkListener): void {
    this.#events.listen(listener);
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) throw new HubError('link_lost', `${this.name} is closed`, { context: { link: this.name } });
    const copy = Buffer.from(bytes);
    const { other } = this;
    queueMicrotask(() => {
      if (other) other.#events.data(copy);
    });
  }

  async close(): Promise<void> {
    this.#events.closed();
    const { other } = this;
    if (!other) return;
    other.#events.closed(
      new HubError('link_lost', `${this.name} was lost: closed by the other side`, { context: { link: this.name } }),
    );
  }
}
