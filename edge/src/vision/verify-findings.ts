import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { HubError, uuidPattern } from '@hallhub/shared';
import { checkFinding, type FindingVerdict, findingNumber, firstSeal } from '@hallhub/shared/vision';
import type { EvidenceStore } from '../evidence/index.js';
import { type FileHashes, hashesOfFile, sm3 } from './evidence/hashes.js';
import type { FindingBook, ToldFinding } from './findings/finding-book.js';

export interface VerifySources {
  readonly book: FindingBook;
  readonly evidence: Pick<EvidenceStore, 'get' | 'pathOf'>;
  /** PEM, of this unit now. */
  readonly certificate: () => string | undefined;
}

export interface VerifiedRow extends FindingVerdict {
  readonly rowId: string;
  readonly phase: string;
  /** Where the chain goes on from: from a row that is here, from nothing (the first), or from one that is not kept any more. */
  readonly chain: 'linked' | 'first' | 'not_kept';
}

export interface Verification {
  readonly episodeId: string;
  readonly number: string;
  readonly cameraId: string;
  readonly rule: string;
  readonly startedAt: number;
  readonly rows: readonly VerifiedRow[];
  /** Of the file that was asked about. */
  readonly file?: {
    readonly sha256: string;
    readonly sm3: string;
    readonly role: string;
    readonly state: 'right' | 'changed';
  };
  readonly verdict: 'right' | 'changed' | 'unsigned';
}

const looked = 20_000;

/** What this unit can prove of a finding (by its id or number) or of a file that belongs to one. Throws `not_found`. */
export const verifyFindings = async (
  sources: VerifySources,
  asked: { readonly event: string } | { readonly file: string },
): Promise<Verification> => {
  const { book } = sources;
  const hashes = 'file' in asked ? await hashesOf(asked.file) : undefined;
  const found = hashes ? book.byFile(hashes.sha256) : undefined;
  const episodeId = hashes ? found?.finding.episodeId : episodeOf(book, 'event' in asked ? asked.event : '');
  const told = episodeId === undefined ? [] : book.episode(episodeId);
  const [first] = told;
  if (!first) {
    throw new HubError(
      'not_found',
      hashes ? 'no finding of this unit has such a file' : 'this unit has no such finding',
      {
        hint: hashes
          ? 'A file that was changed by a single bit is another file. The unit keeps its findings for 90 days.'
          : 'hub vision findings',
      },
    );
  }
  const rows = await Promise.all(told.map((one) => verifyRow(sources, one)));
  const named = told.flatMap(({ finding }) => finding.evidence).find(({ sha256 }) => sha256 === hashes?.sha256);
  const isChanged = rows.some((row) => !row.isUnchanged || row.signature === 'wrong' || hasChanged(row));
  const isFileRight = named === undefined || named.sm3 === hashes?.sm3;
  return {
    ...{ episodeId: first.finding.episodeId, number: findingNumber(first.finding.episodeId), cameraId: first.cameraId },
    ...{ rule: first.finding.rule.name, startedAt: first.finding.startedAt, rows },
    ...(hashes && named
      ? { file: { sha256: hashes.sha256, sm3: hashes.sm3, role: named.role, state: isFileRight ? 'right' : 'changed' } }
      : {}),
    verdict:
      isChanged || !isFileRight
        ? 'changed'
        : rows.some(({ signature }) => signature === 'unsigned')
          ? 'unsigned'
          : 'right',
  };
};

const hasChanged = ({ files }: FindingVerdict): boolean => files.some(({ state }) => state === 'changed');

const episodeOf = (book: FindingBook, event: string): string | undefined => {
  if (uuidPattern.test(event)) return event;
  const number = event.toUpperCase();
  return book.latest(looked).find(({ finding }) => findingNumber(finding.episodeId) === number)?.finding.episodeId;
};

const hashesOf = async (file: string): Promise<FileHashes> => {
  try {
    return await hashesOfFile(file);
  } catch (cause) {
    throw new HubError('not_found', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const verifyRow = async (
  { book, evidence, certificate }: VerifySources,
  { rowId, finding }: ToldFinding,
): Promise<VerifiedRow> => {
  const files = new Map<string, FileHashes>();
  for (const { id } of finding.evidence) {
    if (evidence.get(id)?.state !== 'waiting') continue;
    const hashes = await hashesOfFile(evidence.pathOf(id)).catch(() => undefined);
    if (hashes) files.set(id, hashes);
  }
  const { previous } = finding.seal;
  const chain = previous === firstSeal ? 'first' : book.hasHash(previous) ? 'linked' : 'not_kept';
  const verdict = checkFinding(finding, {
    ...{ sm3, files, previous: chain === 'not_kept' ? undefined : previous },
    verify: (hash, signature, serial) => {
      const pem = certificate();
      if (pem === undefined) return undefined;
      const known = new X509Certificate(pem);
      if (known.serialNumber !== serial) return undefined;
      return verify(
        'sha256',
        hash,
        createPublicKey(known.publicKey.export({ type: 'spki', format: 'pem' })),
        Buffer.from(signature, 'base64'),
      );
    },
  });
  return { rowId, phase: finding.phase, chain, ...verdict };
};
