import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { HubError } from '@hallhub/shared';

/** What identity hides: tokens as keyed hashes, secrets sealed at rest. The same for all processes of an installation. */
export interface IdentityKeys {
  /** HMAC-SHA256 under this installation's key; `purpose` keeps kinds of tokens apart. */
  hash(purpose: string, token: string): Buffer;
  /** AES-256-GCM; `context` (table and row) is bound in. */
  seal(plain: string, context: string): Buffer;
  /** Errors: `configuration` where the installation's secret is not the one it was sealed with. */
  unseal(sealed: Uint8Array, context: string): string;
}

const ivBytes = 12;
const tagBytes = 16;
const scheme = 1;

/** Keys derived (HKDF-SHA256) from the secret that also signs sessions. */
export const createIdentityKeys = (secret: string): IdentityKeys => {
  const derive = (info: string) => Buffer.from(hkdfSync('sha256', secret, 'hallhub-identity', info, 32));
  const [hashKey, sealKey] = [derive('token-hash'), derive('seal')];
  return {
    hash: (purpose, token) => createHmac('sha256', hashKey).update(`${purpose}\0${token}`).digest(),
    seal(plain, context) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', sealKey, iv).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([scheme]), iv, cipher.getAuthTag(), text]);
    },
    unseal(sealed, context) {
      try {
        const bytes = Buffer.from(sealed);
        if (bytes[0] !== scheme) throw new Error(`sealed by scheme ${bytes[0]}`);
        const iv = bytes.subarray(1, 1 + ivBytes);
        const decipher = createDecipheriv('aes-256-gcm', sealKey, iv, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(1 + ivBytes, 1 + ivBytes + tagBytes));
        return Buffer.concat([decipher.update(bytes.subarray(1 + ivBytes + tagBytes)), decipher.final()]).toString();
      } catch (cause) {
        throw new HubError('configuration', 'A stored secret was sealed with another HALLHUB_SECRET', {
          cause,
          hint: 'Start with the secret (or the file session-secret) of the time when it was stored.',
        });
      }
    },
  };
};

/** 256 bits for links and cookies. */
export const makeToken = (): string => randomBytes(32).toString('base64url');
