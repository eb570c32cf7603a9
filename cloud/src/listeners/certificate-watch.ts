import type { Clock, Timer } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { CertificateVerdict, Pki } from '../modules/pki/pki-port.js';

/** A connection that stands on a certificate. */
export interface CertifiedConnection {
  readonly unitId: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** Its certificate is good no more. */
  end(verdict: Extract<CertificateVerdict, { ok: false }>): void;
}

export interface CertificateWatchOptions {
  readonly pki: Pick<Pki, 'judgeCertificate' | 'onRevoked'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
  /** All of them, or one unit's. */
  readonly connections: (unitId?: string) => Iterable<CertifiedConnection>;
}

const defaultEveryMs = 300_000;

/** Ends connections whose certificate was revoked or ran out: at once when told, and by looking again every few minutes. */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  readonly #unsubscribe: () => void;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: CertificateWatchOptions) {
    this.#options = options;
    this.#unsubscribe = options.pki.onRevoked((unitId) => void this.#look(options.connections(unitId), true));
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#unsubscribe();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      void this.#look([...this.#options.connections()], false).finally(() => this.#schedule());
    }, this.#options.everyMs ?? defaultEveryMs);
  }

  /** One at a time: this is never in a hurry. With `revoked` a verdict that cannot be had ends the connection, too: it may come back. */
  async #look(connections: Iterable<CertifiedConnection>, revoked: boolean): Promise<void> {
    const { pki, log } = this.#options;
    for (const connection of connections) {
      if (this.#closed) return;
      try {
        const verdict = await pki.judgeCertificate(connection.certificate);
        if (!verdict.ok) connection.end(verdict);
        else if (verdict.unitId !== connection.unitId) connection.end({ ok: false, reason: 'unknown', unitId: null });
      } catch (error) {
        log.warn({ err: error, unitId: connection.unitId }, 'a certificate could not be checked again');
        if (revoked) connection.end({ ok: false, reason: 'revoked', unitId: connection.unitId });
      }
    }
  }
}
