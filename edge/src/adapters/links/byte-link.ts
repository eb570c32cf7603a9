import type { HubError } from '@hallhub/shared';

/** The seam under every byte protocol: TCP, serial line or memory. Everything above it is the same for all of them. */
export interface ByteLink {
  /** For people: `tcp://10.0.0.5:502`, `/dev/ttyUSB0`. */
  readonly name: string;
  readonly isOpen: boolean;
  /** Sets the one listener. Bytes that came before are delivered at once. */
  listen(listener: LinkListener): void;
  /** Throws `link_lost` when the link is closed. */
  write(bytes: Uint8Array): void;
  /** Closes from this side; `closed` is then called without a reason. Never throws, may be called twice. */
  close(): Promise<void>;
}

export interface LinkListener {
  data(bytes: Buffer): void;
  /** Called once: with a reason when the other side or the cable ended it. */
  closed(reason: HubError | undefined): void;
}

/** How a link is (re)opened. Errors: `link_refused`, `timeout`, `configuration`; the signal's reason when aborted. */
export interface LinkOpener {
  readonly name: string;
  open(signal: AbortSignal): Promise<ByteLink>;
}
