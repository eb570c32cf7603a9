import { type HubError, toHubError } from '@hallhub/shared';
import { MqttTransport } from '../uplink/mqtt-transport.js';
import type { ConnectOptions, UplinkConnection, UplinkTransport } from '../uplink/transport.js';
import type { TlsTarget } from './dial-tls.js';
import type { IdentityKeeper } from './identity-keeper.js';

export interface CertificateTransportOptions {
  readonly url: string;
  readonly unitId: string;
  readonly keeper: IdentityKeeper;
  /** Asked at each attempt: what is dialled instead of the url, whose certificate is still asked for. */
  readonly detour?: () => TlsTarget | undefined;
}

/** The uplink's wire by the unit's certificate (docs/protocol.md 5.1): a refusal is explained, and then asked about but rarely. */
export class CertificateTransport implements UplinkTransport {
  readonly url: string;
  readonly #keeper: IdentityKeeper;
  readonly #inner: MqttTransport;

  constructor({ url, unitId, keeper, detour }: CertificateTransportOptions) {
    this.url = url;
    this.#keeper = keeper;
    const target = new URL(url);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const port = Number(target.port || 8883);
    this.#inner = new MqttTransport({
      url,
      unitId,
      dial: (signal) => keeper.dial({ host, port, through: detour?.(), signal }),
    });
  }

  async connect(options: ConnectOptions): Promise<UplinkConnection> {
    this.#keeper.assertWanted();
    try {
      const connection = await this.#inner.connect(options);
      this.#keeper.accepted();
      return connection;
    } catch (error) {
      const failure: HubError = toHubError(error);
      if (!mayBeRefusal(failure)) throw failure;
      throw await this.#keeper.explain(failure, options.signal);
    }
  }
}

/** Said so, or hung up on without a word by somebody who is there. */
const mayBeRefusal = ({ code, context }: HubError): boolean =>
  (code === 'link_refused' && context.fault === undefined) ||
  (code === 'link_lost' && (context.kind === 'closed' || context.kind === undefined));
