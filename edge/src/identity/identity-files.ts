import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { toHubError } from '@hallhub/shared';
import { epochMsSchema, type Trust, trustSchema } from '@hallhub/shared/wire';
import { z } from 'zod';
import { type UnitCredential, unitCredentialSchema } from '../config/edge-config.js';
import { makeFolder } from '../store/make-folder.js';
import { writeFileSafely } from '../store/write-file-safely.js';
import { type IdentityParts, openIdentity, type UnitIdentity } from './unit-identity.js';

export type IdentityState =
  | { readonly state: 'absent' }
  | { readonly state: 'damaged'; readonly reason: string; readonly hint: string }
  | { readonly state: 'ready'; readonly identity: UnitIdentity };

/** A code that is being used: its key is here before the cloud hears of it, so that a power cut loses nothing. */
const pendingSchema = z.object({ codeHash: z.string(), key: z.string() });

const enrolmentNoteSchema = z.object({
  codeHash: z.string(),
  /** Epoch ms, by the cloud's clock. */
  at: epochMsSchema,
  name: z.string(),
  hallName: z.string(),
  timeZone: z.string(),
});
/** What the cloud called this unit when it was enrolled, and by which code. */
export type EnrolmentNote = z.infer<typeof enrolmentNoteSchema>;

export const codeHashOf = (codeSecret: string): string => createHash('sha256').update(codeSecret).digest('hex');

/** Everything that changes together, in one file, until it stands in the files of its own. */
const stepSchema = z.object({
  key: z.string(),
  certificate: z.string(),
  trust: trustSchema,
  /** Absent at a renewal: unit.json stays as it is. */
  unit: unitCredentialSchema.optional(),
  replacement: z.boolean().default(false),
  enrolment: enrolmentNoteSchema.optional(),
});
export type IdentityStep = z.input<typeof stepSchema>;

const replacementSchema = z.object({ wantedSince: epochMsSchema, fetched: z.boolean() });
export type ReplacementNote = z.infer<typeof replacementSchema>;

/** DATA/identity: what it holds was written whole, or counts as not written. */
export class IdentityFiles {
  readonly dataDir: string;
  readonly folder: string;

  constructor(dataDir: string) {
    this.dataDir = dataDir;
    this.folder = path.join(dataDir, 'identity');
  }

  /** Never throws: what cannot be used is a state that says so. Finishes a step that a power cut interrupted. */
  read(): IdentityState {
    try {
      this.#close();
      this.#finishStep();
      const names = ['key.pem', 'certificate.pem', 'trust.json'] as const;
      const texts = names.map((name) => this.#text(name));
      const missing = names.filter((_, index) => texts[index] === undefined);
      if (missing.length === names.length) return { state: 'absent' };
      if (missing.length > 0) return damaged(`${missing.join(' and ')} of ${this.folder} is missing`);
      const [key = '', certificate = '', trust = ''] = texts;
      return { state: 'ready', identity: openIdentity({ key, certificate, trust: readTrust(trust) }) };
    } catch (error) {
      const { message, hint } = toHubError(error);
      return damaged(`${this.folder}: ${message}`, hint);
    }
  }

  /** The key that this code was first tried with; `make` is asked when there is none. */
  async keyFor(codeSecret: string, make: () => Promise<string>): Promise<string> {
    const codeHash = codeHashOf(codeSecret);
    const pending = pendingSchema.safeParse(parseJson(this.#text('enrolling.json')));
    if (pending.success && pending.data.codeHash === codeHash) return pending.data.key;
    const key = await make();
    this.#write('enrolling.json', JSON.stringify({ codeHash, key }));
    return key;
  }

  /** The code is of no more use, and so is its key. */
  forgetKey(): void {
    rmSync(path.join(this.folder, 'enrolling.json'), { force: true });
  }

  /** Undefined without an identity, and for one that is older than this note. */
  get enrolment(): EnrolmentNote | undefined {
    try {
      return enrolmentNoteSchema.parse(parseJson(this.#text('enrolled.json')));
    } catch {
      // Only a name: the identity is good without it.
      return undefined;
    }
  }

  /** All of it, or after a power cut nothing of it. Throws where it does not fit together. */
  take(step: IdentityStep, now: number): UnitIdentity {
    const identity = openIdentity(step);
    this.#write('step.json', JSON.stringify({ ...step, at: now }));
    this.#finishStep(now);
    return identity;
  }

  saveTrust(trust: Trust): void {
    this.#write('trust.json', `${JSON.stringify(trust, null, 2)}\n`);
  }

  get replacement(): ReplacementNote | undefined {
    const note = replacementSchema.safeParse(parseJson(this.#text('replacement.json')));
    return note.success ? note.data : undefined;
  }

  /** gzip of JSON, as the cloud gave it. */
  get snapshotFile(): string {
    return path.join(this.folder, 'snapshot.json.gz');
  }

  noteReplacement(note: ReplacementNote): void {
    this.#write('replacement.json', JSON.stringify(note));
  }

  endReplacement(): void {
    rmSync(path.join(this.folder, 'replacement.json'), { force: true });
    rmSync(this.snapshotFile, { force: true });
  }

  #finishStep(now = Date.now()): void {
    const step = stepSchema.safeParse(parseJson(this.#text('step.json')));
    if (step.success) {
      const { key, certificate, trust, unit, replacement, enrolment } = step.data;
      this.#write('key.pem', key);
      this.#write('certificate.pem', certificate);
      this.saveTrust(trust);
      if (unit) {
        writeFileSafely(path.join(this.dataDir, 'unit.json'), `${JSON.stringify(unit, null, 2)}\n`);
        if (replacement) this.noteReplacement({ wantedSince: now, fetched: false });
        else this.endReplacement();
        if (enrolment) this.#write('enrolled.json', JSON.stringify(enrolment));
        else rmSync(path.join(this.folder, 'enrolled.json'), { force: true });
        this.forgetKey();
      }
    }
    rmSync(path.join(this.folder, 'step.json'), { force: true });
  }

  /** A copy or a restored backup may have opened it to others. */
  #close(): void {
    for (const [file, mode] of [
      [this.folder, 0o700],
      [path.join(this.folder, 'key.pem'), 0o600],
    ] as const) {
      const found = lstatSync(file, { throwIfNoEntry: false });
      if (found && !found.isSymbolicLink() && (found.mode & 0o077) !== 0) chmodSync(file, mode);
    }
  }

  #text(name: string): string | undefined {
    try {
      return readFileSync(path.join(this.folder, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #write(name: string, text: string): void {
    if (!existsSync(this.folder)) makeFolder(this.folder, 0o700);
    writeFileSafely(path.join(this.folder, name), text);
  }
}

const readTrust = (text: string): Trust => {
  const trust = trustSchema.safeParse(parseJson(text));
  if (!trust.success) throw new Error('trust.json is not whole');
  return trust.data;
};

const damaged = (reason: string, hint?: string): IdentityState => ({
  state: 'damaged',
  reason,
  hint: hint ?? 'Ask for a new code in the console (the unit’s page, Replace) and run: hub enrol CODE',
});

const parseJson = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // Half-written: as if it had not been written.
    return undefined;
  }
};

export type { IdentityParts, UnitCredential };
