import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { documentHash, readAnchor } from './anchor-document.js';
import { canonicalJson, linkHash, noHash } from './chain.js';
import { csvCells, csvColumns, csvLine, csvRecords, type ExportedLink } from './export-format.js';

export interface FileVerdict {
  readonly ok: boolean;
  /** For people: what was checked, or the first line that does not fit. */
  readonly text: string;
}

const nullable = z.string().nullable();
const linkSchema = z.object({
  seq: z.int().min(1),
  previous: z.string(),
  hash: z.string(),
  entry: z.object({
    id: z.string(),
    tenantId: z.string(),
    at: z.string(),
    actor: z.strictObject({ kind: z.string(), id: nullable, name: z.string() }),
    action: z.string(),
    target: z.strictObject({ kind: z.string(), id: nullable, name: nullable }),
    hallId: nullable,
    before: z.unknown(),
    after: z.unknown(),
    ip: nullable,
    userAgent: nullable,
    requestId: nullable,
  }),
});
const signatureSchema = z.object({
  algorithm: z.literal('ecdsa-p256-sha256'),
  signature: z.string(),
  certificates: z.array(z.string()).min(1),
});

class Broken extends Error {}

/** Checks an exported file by itself. `trust`: PEM of the certificate authority that must have signed the heads. */
export const verifyAuditFile = (path: string, trust?: string): FileVerdict => {
  const text = readFileSync(path, 'utf8');
  try {
    const found = text.startsWith('{') ? verifyJsonLines(text, trust) : verifyCsv(text);
    return { ok: true, text: found };
  } catch (error) {
    if (error instanceof Broken) return { ok: false, text: error.message };
    throw error;
  }
};

/** Links one after the other; where numbers may be missing each is still checked with the hash that it names. */
class FileWalk {
  readonly hashes = new Map<number, string>();
  #last: ExportedLink | null = null;
  gaps = 0;

  step(line: number, link: ExportedLink): void {
    const { seq, previous, hash, entry } = link;
    if (linkHash(seq, previous, canonicalJson(entry)) !== hash)
      throw new Broken(`line ${line}: entry #${seq} was changed`);
    const last = this.#last;
    if (last && seq <= last.seq) throw new Broken(`line ${line}: entry #${seq} stands after #${last.seq}`);
    if (seq === (last?.seq ?? 0) + 1) {
      if (previous !== (last?.hash ?? noHash))
        throw new Broken(`line ${line}: entry #${seq} does not follow the one before`);
    } else this.gaps += 1;
    this.#last = link;
    this.hashes.set(seq, hash);
  }

  get last(): ExportedLink | null {
    return this.#last;
  }
}

const parseJson = (text: string, line: number): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Broken(`line ${line}: not JSON`);
  }
};

const verifyJsonLines = (text: string, trust: string | undefined): string => {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Broken('the last line was cut off');
  // An editor's blank lines at the end say nothing; they must not hide what is wrong before them.
  while (lines.at(-1)?.trim() === '') lines.pop();
  const header = parseJson(lines[0] ?? '', 1);
  if (header.type !== 'hallhub.audit.export' || header.v !== 1) throw new Broken('line 1: not an audit export');
  const end = parseJson(lines.at(-1) ?? '', lines.length);
  if (end.type !== 'end') throw new Broken('the end is missing: the file was cut off');
  const walk = new FileWalk();
  let signed = 0;
  let previous: string | null = null;
  for (const [index, content] of lines.slice(1, -1).entries()) {
    const line = index + 2;
    const item = parseJson(content, line);
    if (item.type === 'entry') {
      const link = linkSchema.safeParse(item);
      if (!link.success) throw new Broken(`line ${line}: not an audit entry`);
      walk.step(line, link.data as ExportedLink);
    } else if (item.type === 'anchor') {
      previous = checkAnchor(line, item, { walk, previous, trust, tenantId: header.tenantId });
      signed += 1;
    } else throw new Broken(`line ${line}: unknown`);
  }
  if (end.entries !== walk.hashes.size)
    throw new Broken(`there are ${walk.hashes.size} entries, not ${String(end.entries)}`);
  if (end.seq !== (walk.last?.seq ?? 0) || end.hash !== (walk.last?.hash ?? noHash))
    throw new Broken('the end says otherwise than the last entry');
  if (header.whole === true && walk.gaps > 0) throw new Broken('entries are missing');
  return summary(walk, signed, trust !== undefined);
};

const checkAnchor = (
  line: number,
  item: Record<string, unknown>,
  given: { walk: FileWalk; previous: string | null; trust: string | undefined; tenantId: unknown },
): string => {
  const text = String(item.document);
  const document = readAnchor(text);
  const signature = signatureSchema.safeParse(item.signature).data;
  if (!document || !signature) throw new Broken(`line ${line}: not a signed head`);
  const here = `line ${line}: signed head ${document.number}`;
  const known = document.seq === 0 ? noHash : given.walk.hashes.get(document.seq);
  if (known !== undefined && known !== document.hash)
    throw new Broken(`${here} says otherwise than entry #${document.seq}`);
  if (document.tenantId !== given.tenantId) throw new Broken(`${here} is another organisation’s`);
  if (document.number === 1 ? document.previous !== null : given.previous !== document.previous)
    throw new Broken(`${here} does not follow the one before`);
  const [leaf, ...issuers] = signature.certificates.map((pem) => new X509Certificate(pem));
  if (!leaf || !verify('sha256', Buffer.from(text), leaf.publicKey, Buffer.from(signature.signature, 'base64')))
    throw new Broken(`${here}: the signature is wrong`);
  const authorities = given.trust === undefined ? issuers : [new X509Certificate(given.trust)];
  if (!authorities.some((ca) => leaf.verify(createPublicKey(ca.publicKey.export({ type: 'spki', format: 'pem' })))))
    throw new Broken(`${here}: its certificate is not of the authority given`);
  return documentHash(text);
};

/** A record as it was written while signs in full width, and a line's end, counted for no beginning of a formula. */
const asBefore = (written: string): string => written.replace(/(^|,)("?)'(?=[＝＋－＠\n])/g, '$1$2');

const verifyCsv = (text: string): string => {
  const walk = new FileWalk();
  const records = csvRecords(text.replace(/^\uFEFF/, ''));
  if (records.next().value !== csvColumns.join(',')) throw new Broken('line 1: not an audit export');
  let line = 1;
  let blank = 0;
  for (const record of records) {
    line += 1;
    if (blank > 0 && record.trim() !== '') throw new Broken(`record ${blank}: empty`);
    if (record.trim() === '') {
      blank ||= line;
      continue;
    }
    const cells = csvCells(record);
    const entry = parseJson(cells[csvColumns.indexOf('entry')] ?? '', line);
    const cell = (name: (typeof csvColumns)[number]) => cells[csvColumns.indexOf(name)] ?? '';
    const link = linkSchema.safeParse({
      seq: Number(cell('seq')),
      previous: cell('previous'),
      hash: cell('hash'),
      entry,
    });
    if (!link.success) throw new Broken(`record ${line}: not an audit entry`);
    walk.step(line, link.data as ExportedLink);
    const written = csvLine(link.data as ExportedLink);
    if (record !== written && record !== asBefore(written))
      throw new Broken(`record ${line}: entry #${link.data.seq} was changed`);
  }
  return summary(walk, 0, false);
};

const summary = (walk: FileWalk, signed: number, trusted: boolean): string => {
  const [first] = walk.hashes.keys();
  if (first === undefined || !walk.last) return 'no entries';
  const heads = signed === 0 ? '' : `, ${signed} signed heads${trusted ? ' of the authority given' : ''}`;
  const chain =
    walk.gaps === 0 ? 'the chain is whole' : `${walk.gaps} gaps (a part of the trail, or it starts in the middle)`;
  return `${walk.hashes.size} entries, #${first} to #${walk.last.seq}: none was changed, ${chain}${heads}. Head: ${walk.last.hash}`;
};
