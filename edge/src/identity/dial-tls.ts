import type { X509Certificate } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { HubError } from '@hallhub/shared';
import { checkServer, type ServerCheck } from './check-server.js';
import { lookupHost } from './lookup-host.js';

export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  /** Dialled instead; the certificate has to be that of `host` all the same. */
  readonly through?: { readonly host: string; readonly port: number } | undefined;
}

export interface DialTlsOptions extends TlsTarget {
  /** Undefined: whoever answers is taken; nothing secret may be said on such a connection. */
  readonly check: Omit<ServerCheck, 'host'> | undefined;
  /** The unit's own certificate, PEM. */
  readonly identity?: { readonly key: string; readonly cert: string };
  readonly alpn?: readonly string[];
  readonly timeoutMs?: number;
  readonly lookup?: net.LookupFunction;
  readonly signal?: AbortSignal;
}

/** Resolves once the server was checked. Rejects with `link_lost`, `link_refused`, `timeout` or `cancelled`, in words for a person. */
export const dialTls = (options: DialTlsOptions): Promise<tls.TLSSocket> =>
  new Promise((resolve, reject) => {
    const { host, port, through, check, identity, alpn, timeoutMs = 10_000, signal } = options;
    const { lookup = lookupHost() } = options;
    if (signal?.aborted) {
      reject(new HubError('cancelled', 'stopped'));
      return;
    }
    let connected = false;
    const socket = tls.connect({
      host: through?.host ?? host,
      port: through?.port ?? port,
      ...(net.isIP(host) ? {} : { servername: host }),
      lookup,
      ...(alpn ? { ALPNProtocols: [...alpn] } : {}),
      ...(identity ? { key: identity.key, cert: identity.cert } : {}),
      minVersion: 'TLSv1.2',
      // checkServer does it, with the time as the unit knows it.
      rejectUnauthorized: false,
    });
    const end = (error: HubError | undefined): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      if (!error) {
        resolve(socket);
        return;
      }
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = () => end(new HubError('cancelled', 'stopped'));
    const onError = (error: Error) => end(dialError(error, { host, port }, connected));
    const onClose = () => end(closedEarly({ host, port }));
    const timer = setTimeout(() => {
      const text = connected ? 'took the connection and then said nothing' : 'does not answer';
      end(
        new HubError('timeout', `${host}:${port} ${text} within ${timeoutMs / 1_000} s`, {
          context: { kind: 'silent' },
          hint: 'Is the address right, and does a firewall let this port out?',
        }),
      );
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      connected = true;
      // Small messages that wait for an answer: Nagle would cost each of them 40 ms.
      socket.setNoDelay(true);
    });
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      try {
        if (check) checkServer(chainOf(socket), { ...check, host });
        end(undefined);
      } catch (error) {
        end(error as HubError);
      }
    });
  });

const chains = new WeakMap<tls.TLSSocket, readonly X509Certificate[]>();

/** As the server sent it, leaf first. */
export const chainOf = (socket: tls.TLSSocket): readonly X509Certificate[] => {
  const known = chains.get(socket);
  if (known) return known;
  // Asked once: Node takes the leaf out of what it keeps, and shows another one to who asks again.
  const chain: X509Certificate[] = [];
  chains.set(socket, chain);
  let at = socket.getPeerX509Certificate();
  while (at && chain.length < 8 && !chain.some((one) => one.fingerprint256 === at?.fingerprint256)) {
    chain.push(at);
    at = at.issuerCertificate;
  }
  return chain;
};

const closedEarly = ({ host, port }: TlsTarget): HubError =>
  new HubError('link_lost', `${host}:${port} closed the connection before it was secure`, {
    context: { kind: 'closed' },
    hint: 'Is that the right port, or does something stand in between (a proxy, a firewall)?',
  });

/** Also for an error after the handshake: with TLS 1.3 a server refuses a client's certificate only then. */
export const dialError = (error: Error, { host, port }: TlsTarget, connected: boolean): HubError => {
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const make = (kind: string, message: string, hint: string) =>
    new HubError(kind === 'certificate' ? 'link_refused' : 'link_lost', message, {
      cause: error,
      context: { kind },
      hint,
    });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return make('dns', `the name ${host} is not found`, 'Is the network up, and does this machine have a name server?');
  }
  if (code === 'ETIMEOUT') {
    return make('dns', `no name server answers for ${host}`, 'Is the network up, and is the name server (DNS) right?');
  }
  if (code === 'ECONNREFUSED') {
    return make('port', `nothing listens at ${host}:${port}`, 'Is the address right, and does the cloud run?');
  }
  if (['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL'].includes(code)) {
    return make('route', `there is no way to ${host}:${port} (${code})`, 'Is the network up?');
  }
  if (/CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE/.test(code) && /ALERT/.test(code)) {
    return make(
      'certificate',
      `${host}:${port} refused this unit’s certificate (${alertText(code)})`,
      'hub status says more.',
    );
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return make(
      'not-tls',
      `what answers at ${host}:${port} does not speak TLS`,
      'Is that the right port, or does a proxy stand in between?',
    );
  }
  if (connected && code === 'ECONNRESET') return closedEarly({ host, port });
  return make('other', `${host}:${port}: ${error.message || code}`, 'Is the network up?');
};

const alertText = (code: string): string =>
  code
    .replace(/^.*ALERT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
