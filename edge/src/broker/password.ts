import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<Buffer, Buffer, number, Buffer>(scrypt);
const keyBytes = 32;
/** Logins that were right, so that a hall that comes back after a power cut is not worked out anew for every device. */
const maxRemembered = 500;

/** `scrypt:salt:key`, with the defaults of Node's scrypt (N 16384, r 8, p 1). */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  const key = await derive(Buffer.from(password), salt, keyBytes);
  return `scrypt:${salt.toString('base64url')}:${key.toString('base64url')}`;
};

/** Checks passwords against hashes, one at a time: guessing must not take the machine. */
export class PasswordCheck {
  readonly #right = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  fits(hash: string, password: Buffer): Promise<boolean> {
    const seen = createHash('sha256').update(`${hash}\n`).update(password).digest('base64url');
    if (this.#right.has(seen)) return Promise.resolve(true);
    const mine = this.#turn.then(async () => {
      const [, salt = '', key = ''] = hash.split(':');
      const wanted = Buffer.from(key, 'base64url');
      const right = timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), keyBytes), wanted);
      if (right) this.#remember(seen);
      return right;
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #remember(seen: string): void {
    if (this.#right.size >= maxRemembered) this.#right.clear();
    this.#right.add(seen);
  }
}
