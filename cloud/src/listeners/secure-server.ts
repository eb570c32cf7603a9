import { constants, X509Certificate } from 'node:crypto';
import type { SecureContextOptions, Server, TLSSocket, TlsOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { Pki, ServerCredentials } from '../modules/pki/pki-port.js';

const versions = {
  minVersion: 'TLSv1.2',
  // AEAD with forward secrecy only; the suites of TLS 1.3 are all of that kind.
  ciphers: [
    ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
    ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ].join(':'),
  // Tickets would let a connection in without its certificate being looked at again; renegotiation has no use.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
} as const satisfies SecureContextOptions;

const contextOf = ({ cert, key, clientCa }: ServerCredentials): SecureContextOptions => ({
  ...versions,
  cert,
  key,
  ca: [...clientCa],
});

/** A certificate is asked for; what is done about one that is missing or wrong, and what the unit is told, is the caller's. */
export const secureServerOptions = (pki: Pick<Pki, 'serverCredentials'>, handshakeTimeoutMs: number): TlsOptions => ({
  ...contextOf(pki.serverCredentials()),
  ecdhCurve: 'X25519:P-256:P-384',
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: handshakeTimeoutMs,
});

/** New connections get the present certificate and CAs; a credential that cannot be used leaves the old one in place. */
export const renewContext = (
  server: Server,
  pki: Pick<Pki, 'serverCredentials' | 'onChange'>,
  log: Logger,
): (() => void) =>
  pki.onChange(() => {
    try {
      server.setSecureContext(contextOf(pki.serverCredentials()));
    } catch (error) {
      log.error({ err: error }, 'the new server certificate cannot be used: the old one stays');
    }
  });

export interface PresentedCertificate {
  readonly der: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly serial: string;
  /** By OpenSSL: chains to one of our CAs, for client use, within its dates. Null: fine. */
  readonly fault: 'foreign' | 'expired' | 'not_yet' | null;
}

/** What the peer presented; null where it presented nothing. */
export const presentedCertificate = (socket: TLSSocket): PresentedCertificate | null => {
  const found = socket.getPeerX509Certificate();
  if (!found) return null;
  const der = found.raw;
  namesRead.set(der, nameIn(found));
  return {
    der,
    sha256: found.fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: found.serialNumber.toLowerCase(),
    fault: socket.authorized ? null : faultOf(socket),
  };
};

const faultOf = (socket: TLSSocket): NonNullable<PresentedCertificate['fault']> => {
  // Typed as an Error, it is OpenSSL's code.
  switch (String(socket.authorizationError)) {
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not_yet';
    default:
      return 'foreign';
  }
};

/** To parse a certificate once more costs a tenth of a handshake. */
const namesRead = new WeakMap<Uint8Array, string | null>();

const nameIn = ({ subject }: X509Certificate): string | null => /^CN=(.+)$/m.exec(subject ?? '')?.[1] ?? null;

/** The common name of a certificate's subject; null where it has none. */
export const commonNameOf = (der: Uint8Array): string | null => {
  const known = namesRead.get(der);
  return known === undefined ? nameIn(new X509Certificate(der)) : known;
};
