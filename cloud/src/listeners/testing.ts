import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import {
  caLifeMs,
  type Issuer,
  importKey,
  issueClient,
  issueServer,
  keyAlgorithm,
  makeCa,
  PublicKey,
  pemOf,
} from '../modules/pki/certificates.js';
import type { CertificateVerdict, Pki, ServerCredentials } from '../modules/pki/pki-port.js';

export interface UnitIdentity {
  readonly cert: string;
  readonly key: string;
}

type Refused = Extract<CertificateVerdict, { ok: false }>['reason'];

/** The authority without its database: real certificates, books in memory. */
export interface TestPki
  extends Pick<Pki, 'serverCredentials' | 'onChange' | 'judgeCertificate' | 'onRevoked' | 'trust'> {
  readonly ca: string;
  issue(unitId: string, options?: { readonly bornMs?: number; readonly unbooked?: boolean }): Promise<UnitIdentity>;
  revoke(unitId: string, reason?: Refused): void;
  /** A new CA issues; the old one stays trusted. */
  rotate(): Promise<void>;
  /** While set, nothing can be judged. */
  away: boolean;
  /** Verdicts asked for. */
  asked: number;
}

const pem = (der: Uint8Array): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;

const makeIssuer = async (): Promise<Issuer> => {
  const { certificate, privateKey } = await makeCa(Date.now() - caLifeMs / 2);
  return { certificate, privateKey: await importKey(privateKey) };
};

export const makeTestPki = async (): Promise<TestPki> => {
  let issuer = await makeIssuer();
  const authorities = [pemOf(issuer.certificate)];
  let credentials: ServerCredentials;
  const renew = async (): Promise<void> => {
    const server = await issueServer(issuer, ['127.0.0.1', 'localhost'], Date.now());
    credentials = { cert: pemOf(server.certificate), key: pem(server.privateKey), clientCa: [...authorities] };
  };
  await renew();
  const books = new Map<string, { unitId: string; refused: Refused | null }>();
  const changed = new Set<() => void>();
  const revoked = new Set<(unitId: string) => void>();
  const listen = <T>(listeners: Set<T>, listener: T) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const made: TestPki = {
    away: false,
    asked: 0,
    get ca() {
      return authorities[0]!;
    },
    serverCredentials: () => credentials,
    trust: () => ({ version: String(authorities.length), certificates: authorities as [string, ...string[]] }),
    onChange: (listener) => listen(changed, listener),
    onRevoked: (listener) => listen(revoked, listener),
    async judgeCertificate(der) {
      made.asked++;
      if (made.away) throw new Error('database away');
      const row = books.get(new X509Certificate(der).fingerprint256);
      if (!row) return { ok: false, reason: 'unknown', unitId: null };
      return row.refused ? { ok: false, reason: row.refused, unitId: row.unitId } : { ok: true, unitId: row.unitId };
    },
    async issue(unitId, options = {}) {
      const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
      const publicKey = new PublicKey(await webcrypto.subtle.exportKey('spki', keys.publicKey));
      const cert = pemOf(await issueClient(issuer, { unitId, publicKey }, options.bornMs ?? Date.now()));
      if (!options.unbooked) books.set(new X509Certificate(cert).fingerprint256, { unitId, refused: null });
      return { cert, key: pem(new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))) };
    },
    revoke(unitId, reason = 'revoked') {
      for (const row of books.values()) if (row.unitId === unitId) row.refused = reason;
      for (const listener of revoked) listener(unitId);
    },
    async rotate() {
      issuer = await makeIssuer();
      authorities.unshift(pemOf(issuer.certificate));
      await renew();
      for (const listener of changed) listener();
    },
  };
  return made;
};

/** A TLS connection, shaken hands; rejects where that fails. */
export const dial = (url: string, pki: Pick<TestPki, 'trust'>, options: ConnectionOptions = {}): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), ca: pki.trust().certificates, ...options }, () =>
      resolve(socket),
    );
    socket.once('error', reject);
    socket.on('error', () => {});
  });

/** Resolves with what came, when the other end has closed. */
export const untilClosed = (socket: TLSSocket | import('node:net').Socket): Promise<Buffer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.once('close', () => resolve(Buffer.concat(chunks)));
    if (socket.destroyed) resolve(Buffer.concat(chunks));
  });

export const until = async (look: () => unknown, deadlineMs = 60_000): Promise<void> => {
  const endMs = performance.now() + deadlineMs;
  while (!look()) {
    if (performance.now() > endMs) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A CONNECT packet of MQTT 3.1.1. */
export const connectPacket = (login: {
  readonly clientId?: string;
  readonly userName?: string;
  readonly password?: string;
  readonly keepaliveS?: number;
}): Buffer => {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const { clientId = `c${randomBytes(4).toString('hex')}`, userName, password, keepaliveS = 30 } = login;
  const flags = 2 | (userName === undefined ? 0 : 128) | (password === undefined ? 0 : 64);
  const rest = Buffer.concat([
    ...[text('MQTT'), Buffer.from([4, flags, keepaliveS >> 8, keepaliveS & 255]), text(clientId)],
    ...(userName === undefined ? [] : [text(userName)]),
    ...(password === undefined ? [] : [text(password)]),
  ]);
  return packet(0x10, rest);
};

/** Any MQTT packet: first byte, then the body behind its length. */
export const packet = (first: number, body: Uint8Array): Buffer => {
  const head = [first];
  let left = body.length;
  do {
    head.push((left % 128) | (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), body]);
};

/** PUBLISH, QoS 1. */
export const publishPacket = (topic: string, payload: Uint8Array, id = 1): Buffer => {
  const name = Buffer.from(topic);
  const head = Buffer.from([name.length >> 8, name.length & 255]);
  return packet(0x32, Buffer.concat([head, name, Buffer.from([id >> 8, id & 255]), payload]));
};
