import { type Clock, HubError, type Timer } from '@hallhub/shared';
import type { Trust } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { type CertificateAuthority, ensureAuthority, openIssuer, readAuthorities } from './ca-store.js';
import { type Issuer, issueServer, pemOf, serverLifeMs, sha256 } from './certificates.js';
import { DocumentSigner, verifyDocument } from './document-signer.js';
import { certificateJudge } from './judge-certificate.js';
import type { Pki, ServerCredentials } from './pki-port.js';
import { RevocationWatch } from './revocation-watch.js';
import { createSealing, type Sealing } from './sealing.js';
import { verifyUnitSignature } from './verify-unit-signature.js';

export interface OpenPkiOptions {
  readonly database: Database;
  /** The installation's secret. */
  readonly secret: string;
  /** Names and addresses units dial. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  /** How often the database is asked what other processes changed. */
  readonly pollMs?: number;
}

/** The whole authority, for this module and enrolment; everybody else sees `Pki`. */
export interface CloudPki extends Pki {
  readonly sealing: Sealing;
  /** The CA that issues now, with its key. */
  issuing(): { readonly caId: string; readonly issuer: Issuer };
  /** The root that the served chain ends in: what a code must pin. */
  pinned(): { readonly caId: string; readonly fingerprint: Buffer };
  authorities(): readonly CertificateAuthority[];
  /** Names and addresses in the listeners' certificate. */
  readonly hosts: readonly string[];
  /** Looks at the database now instead of at the next poll; call it after a change. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  /** What the state in the database looked like when this was built. */
  readonly mark: string;
  readonly authorities: readonly CertificateAuthority[];
  readonly caId: string;
  readonly issuer: Issuer;
  readonly trust: Trust;
  readonly root: CertificateAuthority;
  readonly credentials: ServerCredentials;
  readonly renewAtMs: number;
}

const pollMs = 2_000;

/**
 * Opens the installation's certificate authority; the first start makes it. Errors: `configuration` where the secret is not the
 * one its keys were sealed with.
 */
export const openPki = async (options: OpenPkiOptions): Promise<CloudPki> => {
  const { database, clock, log } = options;
  const sealing = createSealing(options.secret);
  await ensureAuthority(database, sealing, clock.now());

  const listeners = new Set<() => void>();
  const watch = new RevocationWatch(log);
  const build = async (mark: string, authorities: readonly CertificateAuthority[]): Promise<Held> => {
    const active = authorities.find(({ state }) => state === 'active');
    if (!active) throw new HubError('store_corrupt', 'The database holds no certificate authority in force');
    const issuer = await openIssuer(active, sealing);
    const previous = authorities.find(({ state }) => state === 'previous');
    const nowMs = clock.now();
    const server = await issueServer(issuer, options.hosts, nowMs);
    const root = previous && active.crossPem ? previous : active;
    const trusted = ['active', 'next', 'previous'].flatMap((state) => authorities.filter((ca) => ca.state === state));
    const chain = root === active ? [active.pem] : [active.crossPem ?? '', root.pem];
    return {
      ...{ mark, authorities, caId: active.id, issuer, root },
      trust: {
        version: sha256(Buffer.concat(trusted.map(({ fingerprint }) => fingerprint))).toString('hex', 0, 8),
        certificates: trusted.map(({ pem }) => pem),
      },
      credentials: {
        // The root goes along: a unit that enrols knows it by a part of its fingerprint only.
        cert: [pemOf(server.certificate), ...chain].join(''),
        key: pkcs8Pem(server.privateKey),
        clientCa: trusted.map(({ pem }) => pem),
      },
      renewAtMs: nowMs + (serverLifeMs * 2) / 3,
    };
  };

  const first = await withSystem(database, async (tx) => ({
    ...{ mark: await markOf(tx), authorities: await readAuthorities(tx), revoked: await watch.look(tx) },
  }));
  let held = await build(first.mark, first.authorities);
  watch.tell(first.revoked);
  const signer = new DocumentSigner(clock);

  const look = async (): Promise<void> => {
    const seen = await withSystem(database, async (tx) => {
      const mark = await markOf(tx);
      const revoked = await watch.look(tx);
      const isSame = mark === held.mark && clock.now() < held.renewAtMs;
      return { mark, revoked, authorities: isSame ? null : await readAuthorities(tx) };
    });
    if (seen.authorities) {
      held = await build(seen.mark, seen.authorities);
      for (const listener of listeners) tell(listener);
    }
    watch.tell(seen.revoked);
  };
  const tell = (listener: () => void): void => {
    try {
      listener();
    } catch (error) {
      log.error({ err: error }, 'a listener of the certificate authority failed');
    }
  };

  // One look at a time; whoever asks while one is under way gets the next one, which sees his change.
  let running: Promise<void> = Promise.resolve();
  let timer: Timer | undefined;
  let isClosed = false;
  const refresh = (): Promise<void> => {
    running = running.catch(() => undefined).then(look);
    return running;
  };
  const schedule = (): void => {
    if (isClosed) return;
    timer = clock.setTimeout(() => {
      refresh()
        .catch((error: unknown) =>
          log.warn({ err: error }, 'changes of the certificate authority could not be looked for'),
        )
        .finally(schedule);
    }, options.pollMs ?? pollMs);
  };
  schedule();

  return {
    sealing,
    hosts: options.hosts,
    seal: sealing.seal,
    unseal: sealing.unseal,
    serverCredentials: () => held.credentials,
    trust: () => held.trust,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onRevoked: (listener) => watch.onRevoked(listener),
    judgeCertificate: certificateJudge(database, clock),
    sign: (document) => signer.sign(document, held),
    verify: (document, signature) => verifyDocument(document, signature, held.authorities),
    verifyUnit: (document, signature, certificates) =>
      verifyUnitSignature(database, { document, signature, certificates, authorities: held.authorities }),
    issuing: () => ({ caId: held.caId, issuer: held.issuer }),
    pinned: () => ({ caId: held.root.id, fingerprint: held.root.fingerprint }),
    authorities: () => held.authorities,
    refresh,
    close: async () => {
      isClosed = true;
      timer?.cancel();
      await running.catch(() => undefined);
    },
  };
};

/** Changes with every change of the authorities. */
const markOf = async (tx: Tx): Promise<string> => {
  const { rows } = await tx.$client.query<{ mark: string | null }>(
    `SELECT string_agg(id::text || state, ',' ORDER BY made_at, id) AS mark FROM ca_keys`,
  );
  return rows[0]?.mark ?? '';
};

const pkcs8Pem = (der: Uint8Array): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
