import type { Trust } from '@hallhub/shared/wire';

/** What TLS listeners need: PEM texts. */
export interface ServerCredentials {
  /** Leaf and, where there are any, intermediates. */
  readonly cert: string;
  readonly key: string;
  /** CAs whose client certificates may be presented. */
  readonly clientCa: readonly string[];
}

export type CertificateVerdict =
  | { readonly ok: true; readonly unitId: string }
  | {
      readonly ok: false;
      readonly reason: 'unknown' | 'expired' | 'revoked' | 'archived';
      readonly unitId: string | null;
      /** Of `revoked`: another box has taken the unit's place. */
      readonly isReplaced?: boolean;
    };

/** A detached signature of the cloud: whoever holds the CA certificate can check it offline. */
export interface DocumentSignature {
  readonly algorithm: 'ecdsa-p256-sha256';
  /** DER, base64. */
  readonly signature: string;
  /** Signer first, PEM. */
  readonly certificates: readonly string[];
}

/** The cloud's own certificate authority, as the rest of the cloud sees it. Keys live in the database, encrypted; all processes share them. */
export interface Pki {
  /** Changes by itself before it expires and when the CA rotates. */
  serverCredentials(): ServerCredentials;
  /** Calls back after each change of `serverCredentials()` or `trust()`; returns how to stop. */
  onChange(listener: () => void): () => void;
  trust(): Trust;
  /** Who presented this certificate (DER), by our own books: known, in time, not revoked, unit not archived. Throws `unavailable` with the database away. */
  judgeCertificate(certificate: Uint8Array): Promise<CertificateVerdict>;
  /** Unit ids whose certificates were revoked by any process: listeners end their connections. */
  onRevoked(listener: (unitId: string) => void): () => void;
  sign(document: Uint8Array): Promise<DocumentSignature>;
  /** Checks a signature made by `sign` of this or an earlier CA. */
  verify(document: Uint8Array, signature: DocumentSignature): Promise<boolean>;
  /** Checks a signature made by a unit's key; `certificates` as in a bundle. Resolves with the unit, or null. */
  verifyUnit(document: Uint8Array, signature: Uint8Array, certificates: readonly string[]): Promise<string | null>;
  /** AES-256-GCM under the installation's key, for secrets at rest. `context` is bound in. */
  seal(plain: Uint8Array, context: string): Uint8Array;
  unseal(sealed: Uint8Array, context: string): Uint8Array;
}
