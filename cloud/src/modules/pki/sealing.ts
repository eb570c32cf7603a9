import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { HubError } from '@hallhub/shared';

export interface Sealing {
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** Errors: `configuration` where it was sealed under another secret (or for another context, or was changed). */
  unseal(sealed: Uint8Array, context: string): Uint8Array;
  /** Always the same bytes for the same context; nobody without the secret can make them. */
  derive(context: string, bytes: number): Buffer;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const salt = 'hallhub installation';

/** AES-256-GCM under a key of the installation's secret: `version, nonce, ciphertext, tag`; the context is bound in. */
export const createSealing = (secret: string): Sealing => {
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'seal v1', 32));
  return {
    seal: (plain, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, body, cipher.getAuthTag()]);
    },
    unseal: (sealed, context) => {
      try {
        if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes) throw new Error('not a sealed value');
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-tagBytes));
        return Buffer.concat([decipher.update(sealed.subarray(1 + nonceBytes, -tagBytes)), decipher.final()]);
      } catch (cause) {
        throw new HubError('configuration', `What was sealed for "${context}" does not open with this secret`, {
          cause,
          context: { context },
          hint: 'Start with the secret that this database was first used with: HALLHUB_SECRET, or the file session-secret of its data folder (it belongs into the backup).',
        });
      }
    },
    derive: (context, bytes) => Buffer.from(hkdfSync('sha256', secret, salt, `derive v1 ${context}`, bytes)),
  };
};
