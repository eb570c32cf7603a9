import type { HubError } from '@hallhub/shared';
import type { AdapterHost } from '../../ports/index.js';

const againMs = 3_600_000;
const maxHosts = 1_000;

/** What a person is told of places where no camera can be made out: when it changes, and once an hour while it lasts. */
export class Tellings {
  readonly #told = new Map<string, { text: string; atMs: number }>();
  /** Why announcements of cameras are not heard; undefined while they are. */
  announcements: string | undefined;

  constructor(private readonly host: AdapterHost) {}

  unreachable(host: string, error: HubError): void {
    const code =
      error.code === 'forbidden'
        ? 'camera_certificate'
        : error.code === 'unauthenticated'
          ? 'camera_refused'
          : 'camera_unreachable';
    this.#tell(host, code, error.hint ? `${error.message}: ${error.hint}` : error.message);
  }

  refused(host: string, retryInMs: number): void {
    this.#tell(
      host,
      'camera_refused',
      `${host} refuses user name and password of edge.yaml; so that it does not lock the account, they are tried again in ${Math.round(retryInMs / 60_000)} min`,
    );
  }

  forget(host: string): void {
    this.#told.delete(host);
  }

  #tell(host: string, code: string, text: string): void {
    const nowMs = this.host.clock.monotonicMs();
    const last = this.#told.get(host);
    if (last && last.text === text && nowMs - last.atMs < againMs) return;
    if (this.#told.size >= maxHosts) this.#told.clear();
    this.#told.set(host, { text, atMs: nowMs });
    this.host.fault(code, text, { host });
  }
}
