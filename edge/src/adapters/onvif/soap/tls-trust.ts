import type { Socket } from 'node:net';
import tls from 'node:tls';
import { HubError } from '@hallhub/shared';

/**
 * How a camera's HTTPS certificate is judged. With `ca` it must be issued by one of those authorities for the host's name;
 * otherwise the first certificate seen is kept (`pinned`) and every other one refused: cameras make their own certificates.
 */
export interface TlsTrust {
  readonly ca?: readonly string[] | undefined;
  /** SHA-256 of the certificate, 64 lower-case hex digits; undefined until one was seen. */
  pinned: string | undefined;
}

/** `AB:CD:…` or `abcd…` -> 64 lower-case hex digits. */
export const plainFingerprint = (text: string): string => text.replace(/[^0-9a-fA-F]/g, '').toLowerCase();

/** A TLS connection whose certificate was judged before a byte of ours was sent. Throws `forbidden`; else as the socket. */
export const openTls = (url: URL, trust: TlsTrust | undefined, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = tls.connect({
      host,
      port: Number(url.port || 443),
      // Judged below: a certificate that a camera made for itself is not wrong, another one than before is.
      rejectUnauthorized: false,
      ...(trust?.ca ? { ca: [...trust.ca] } : {}),
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    });
    const end = (error: unknown) => {
      socket.destroy();
      reject(error);
    };
    const abort = () => end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', end);
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', end);
      const refusal = judge(url, socket, trust);
      if (refusal) end(refusal);
      else resolve(socket);
    });
    if (signal.aborted) abort();
  });

const judge = (url: URL, socket: tls.TLSSocket, trust: TlsTrust | undefined): HubError | undefined => {
  const context = { host: url.host };
  const certificate = socket.getPeerCertificate();
  const fingerprint = certificate.fingerprint256 ? plainFingerprint(certificate.fingerprint256) : '';
  if (fingerprint === '') return new HubError('forbidden', `${url.host} shows no certificate`, { context });
  if (trust?.ca) {
    const problem = socket.authorized
      ? tls.checkServerIdentity(url.hostname.replace(/^\[|\]$/g, ''), certificate)
      : socket.authorizationError;
    if (!problem) return undefined;
    return new HubError('forbidden', `the certificate of ${url.host} is not trusted: ${String(problem)}`, {
      context,
      hint: 'have it issued by an authority named in onvif.tls.ca, or pin it instead',
    });
  }
  if (!trust) return undefined;
  trust.pinned ??= fingerprint;
  if (trust.pinned === fingerprint) return undefined;
  return new HubError('forbidden', `${url.host} shows another certificate than before, ${fingerprint}`, {
    context: { ...context, fingerprint, pinned: trust.pinned },
    hint: 'if the camera was reset or replaced, write this fingerprint to its entry under onvif.hosts in edge.yaml; if not, somebody stands between',
  });
};
