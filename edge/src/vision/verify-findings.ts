import { HubError, uuidPattern } from '@hallhub/shared';
import { checkFinding, type FindingVerdict, findingIdEnd, findingNumber, firstSeal } from '@hallhub/shared/vision';
import type { EvidenceStore } from '../evidence/index.js';
import type { UnitIdentity } from '../identity/index.js';
import { type FileHashes, hashesOfFile, sm3 } from './evidence/hashes.js';
import type { FindingBook, ToldFinding } from './findings/finding-book.js';
import { signingCertificate } from './findings/signature-of-unit.js';

export interface VerifySources {
  readonly book: FindingBook;
  readonly evidence: Pick<EvidenceStore, 'get' | 'pathOf'>;
  /** Who this unit is now; certificates that it had before are in the books. */
  readonly identity: () => UnitIdentity | undefined;
}

export interface VerifiedRow extends FindingVerdict {
  readonly rowId: string;
  readonly phase: string;
  /** Where the chain goes on from: from a row that is here, from nothing (the first), or from one that is not kept any more. */
  readonly chain: 'linked' | 'first' | 'not_kept';
  /** Whether the row after it goes on from it, or it is the last. */
  readonly isInChain: boolean;
  /** What signed it, epoch ms; null: it is not known here. */
  readonly certificate: { readonly serial: string; readonly from: number; readonly to: number } | null;
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
  /** `unproven`: nothing was changed that can be seen, but whose signature it is cannot be told here. */
  readonly verdict: 'right' | 'changed' | 'unsigned' | 'unproven';
}

export type VerifyQuestion = { readonly event: string } | { readonly file: Pick<FileHashes, 'sha256' | 'sm3'> };

/** What this unit can prove of a finding (by its id or number) or of a file that belongs to one. Throws `not_found`. */
export const verifyFindings = async (sources: VerifySources, asked: VerifyQuestion): Promise<Verification> => {
  const { book } = sources;
  const hashes = 'file' in asked ? asked.file : undefined;
  const episodeId = 'file' in asked ? book.byFile(asked.file.sha256)?.finding.episodeId : episodeOf(book, asked.event);
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
  const file = hashes &&
    named && {
      ...{ sha256: hashes.sha256, sm3: hashes.sm3, role: named.role },
      state: named.sm3 === hashes.sm3 ? ('right' as const) : ('changed' as const),
    };
  return {
    ...{ episodeId: first.finding.episodeId, number: findingNumber(first.finding.episodeId), cameraId: first.cameraId },
    ...{ rule: first.finding.rule.name, startedAt: first.finding.startedAt, rows },
    ...(file ? { file } : {}),
    verdict: file?.state === 'changed' ? 'changed' : verdictOf(rows),
  };
};

const verdictOf = (rows: readonly VerifiedRow[]): Verification['verdict'] => {
  const isChanged = rows.some(
    ({ isUnchanged, isInChain, signature, files }) =>
      !isUnchanged || !isInChain || signature === 'wrong' || files.some(({ state }) => state === 'changed'),
  );
  if (isChanged) return 'changed';
  if (rows.some(({ signature }) => signature === 'unknown')) return 'unproven';
  return rows.some(({ signature }) => signature === 'unsigned') ? 'unsigned' : 'right';
};

const episodeOf = (book: FindingBook, event: string): string | undefined => {
  if (uuidPattern.test(event)) return event;
  const end = findingIdEnd(event);
  return end === undefined ? undefined : book.episodeEndingWith(end);
};

const verifyRow = async (sources: VerifySources, { rowId, finding }: ToldFinding): Promise<VerifiedRow> => {
  const { book, evidence } = sources;
  const files = new Map<string, FileHashes>();
  for (const { id } of finding.evidence) {
    if (evidence.get(id)?.state !== 'waiting') continue;
    const hashes = await hashesOfFile(evidence.pathOf(id)).catch(() => undefined);
    if (hashes) files.set(id, hashes);
  }
  const { previous, certificateSerial } = finding.seal;
  const chain = previous === firstSeal ? 'first' : book.hasHash(previous) ? 'linked' : 'not_kept';
  const certificate = signingCertificate(sources, certificateSerial);
  const verdict = checkFinding(finding, {
    ...{ sm3, files, previous: chain === 'not_kept' ? undefined : previous },
    verify: (hash, signature) => (certificate?.isTrusted ? certificate.verifies(hash, signature) : undefined),
  });
  const known = certificate && { serial: certificate.serial, from: certificate.from, to: certificate.to };
  const isInChain = book.isInChain(finding.seal.hash);
  return { rowId, phase: finding.phase, chain, isInChain, certificate: known ?? null, ...verdict };
};
