import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { HubError } from '@hallhub/shared';

/** docs/operations.md "The format of a backup file" describes every byte made here. */
const magic = Buffer.from('HHBACKUP');
const recordBytes = 256 * 1024;
const maxHeaderBytes = 16 * 1024;
const finalBit = 0x8000_0000;
const tagBytes = 16;

export interface SealedHeader {
  readonly v: 1;
  readonly kind: 'files' | 'dump' | 'log' | 'blob' | 'list';
  readonly createdAt: string;
  readonly compression: 'gzip';
  /** Hex: salt of scrypt, nonce of HKDF, and the proof that a key is the right one. */
  readonly salt: string;
  readonly nonce: string;
  readonly keyCheck: string;
}

/** The operator's key text, made slow to guess once a salt. */
export class BackupKey {
  readonly #text: string;
  readonly #masters = new Map<string, Buffer>();
  /** One for this process's life: scrypt costs a tenth of a second. */
  readonly #salt = randomBytes(16).toString('hex');

  constructor(text: string) {
    this.#text = text.trim();
  }

  master(salt = this.#salt): Buffer {
    let master = this.#masters.get(salt);
    if (!master) {
      if (this.#masters.size > 64) this.#masters.clear();
      master = scryptSync(this.#text, Buffer.from(salt, 'hex'), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 });
      this.#masters.set(salt, master);
    }
    return master;
  }

  get salt(): string {
    return this.#salt;
  }
}

const keyCheckOf = (master: Buffer): string =>
  createHmac('sha256', master).update('hallhub backup key check').digest('hex').slice(0, 16);

const fileKey = (master: Buffer, nonce: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, Buffer.from(nonce, 'hex'), 'hallhub backup file 1', 32));

const ivOf = (nonce: string, counter: number, final: boolean): Buffer => {
  const iv = Buffer.alloc(12);
  Buffer.from(nonce, 'hex').copy(iv, 0, 0, 7);
  iv.writeUInt32BE(counter, 7);
  iv[11] = final ? 1 : 0;
  return iv;
};

/** Encrypts what is written to it: AES-256-GCM in numbered records, the last one marked, so that nothing can be cut off or swapped. */
export const sealStream = (key: BackupKey, kind: SealedHeader['kind'], createdAt: Date): Transform => {
  const master = key.master();
  const nonce = randomBytes(16).toString('hex');
  const header: SealedHeader = {
    ...{ v: 1, kind, createdAt: createdAt.toISOString(), compression: 'gzip' },
    ...{ salt: key.salt, nonce, keyCheck: keyCheckOf(master) },
  };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const aad = createHash('sha256').update(headerBytes).digest();
  const secret = fileKey(master, nonce);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let counter = 0;
  const record = (plain: Buffer, final: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', secret, ivOf(nonce, counter++, final));
    cipher.setAAD(aad);
    const length = Buffer.alloc(4);
    length.writeUInt32BE((final ? finalBit : 0) + plain.length);
    return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  const length = Buffer.alloc(4);
  length.writeUInt32BE(headerBytes.length);
  const stream = new Transform({
    transform(chunk: Buffer, _, done: TransformCallback) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes >= recordBytes) {
        const all = Buffer.concat(waiting);
        let at = 0;
        for (; all.length - at >= recordBytes; at += recordBytes)
          this.push(record(all.subarray(at, at + recordBytes), false));
        waiting = [all.subarray(at)];
        waitingBytes = all.length - at;
      }
      done();
    },
    flush(done: TransformCallback) {
      done(null, record(Buffer.concat(waiting), true));
    },
  });
  stream.push(Buffer.concat([magic, length, headerBytes]));
  return stream;
};

const damaged = (name: string, what: string, cause?: unknown): HubError =>
  new HubError('store_corrupt', `${name} is damaged: ${what}`, {
    cause,
    hint: 'copy the file again from where it was kept, or restore another backup',
  });

/** Decrypts and proves; `name` is for messages. Errors: `invalid_input` (not a backup), `forbidden` (wrong key), `store_corrupt`. */
export const openStream = (
  key: BackupKey,
  name: string,
  onHeader: (header: SealedHeader) => void = () => {},
): Transform => {
  let waiting: Buffer = Buffer.alloc(0);
  let opened: { readonly secret: Buffer; readonly aad: Buffer; readonly nonce: string } | undefined;
  let counter = 0;
  let ended = false;

  const readHeader = (): boolean => {
    if (waiting.length < magic.length + 4) return false;
    if (!waiting.subarray(0, magic.length).equals(magic)) {
      throw new HubError('invalid_input', `${name} is not a backup of HallHub`, {
        hint: 'name a file that ends in .hhb, from the backup folder',
      });
    }
    const bytes = waiting.readUInt32BE(magic.length);
    if (bytes > maxHeaderBytes) throw damaged(name, 'its header is too long');
    const end = magic.length + 4 + bytes;
    if (waiting.length < end) return false;
    const headerBytes = waiting.subarray(magic.length + 4, end);
    let header: SealedHeader;
    try {
      header = JSON.parse(headerBytes.toString('utf8')) as SealedHeader;
      if (!/^[0-9a-f]{32}$/.test(header.salt) || !/^[0-9a-f]{32}$/.test(header.nonce)) throw new Error('salt or nonce');
    } catch (cause) {
      throw damaged(name, 'its header cannot be read', cause);
    }
    if (header.v !== 1) {
      throw new HubError('unsupported', `${name} was written by a newer HallHub (format ${header.v})`, {
        hint: 'restore it with that version',
      });
    }
    const master = key.master(header.salt);
    const [expected, actual] = [Buffer.from(keyCheckOf(master)), Buffer.from(String(header.keyCheck))];
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
      throw new HubError('forbidden', `${name} was sealed with another key`, {
        hint: 'set HALLHUB_BACKUP_KEY_FILE to the file with the key that this backup was made with; without that key nobody can read it',
      });
    }
    onHeader(header);
    opened = {
      secret: fileKey(master, header.nonce),
      aad: createHash('sha256').update(headerBytes).digest(),
      nonce: header.nonce,
    };
    waiting = waiting.subarray(end);
    return true;
  };

  const readRecord = (push: (plain: Buffer) => void): boolean => {
    if (!opened || waiting.length < 4) return false;
    const word = waiting.readUInt32BE(0);
    const final = word >= finalBit;
    const bytes = final ? word - finalBit : word;
    if (bytes > recordBytes) throw damaged(name, `record ${counter} is too long`);
    const end = 4 + bytes + tagBytes;
    if (waiting.length < end) return false;
    if (ended) throw damaged(name, 'something follows its end');
    const decipher = createDecipheriv('aes-256-gcm', opened.secret, ivOf(opened.nonce, counter, final));
    decipher.setAAD(opened.aad);
    decipher.setAuthTag(waiting.subarray(4 + bytes, end));
    try {
      push(Buffer.concat([decipher.update(waiting.subarray(4, 4 + bytes)), decipher.final()]));
    } catch (cause) {
      throw damaged(name, `record ${counter} is not what was written`, cause);
    }
    counter++;
    ended = final;
    waiting = waiting.subarray(end);
    return true;
  };

  return new Transform({
    transform(chunk: Buffer, _, done: TransformCallback) {
      try {
        waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
        if (!opened && !readHeader()) return done();
        while (readRecord((plain) => this.push(plain)));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done: TransformCallback) {
      if (!opened && waiting.length < magic.length) return done(damaged(name, 'it is empty or cut short'));
      if (waiting.length > 0 || !ended) return done(damaged(name, `it is cut short after ${counter} records`));
      done();
    },
  });
};
