import type { ProofReport, SignedReport } from '@hallhub/shared/proof';
import type { ProofVerdict } from '../../api/proof.js';

const order: readonly ProofVerdict[] = ['different', 'pending', 'thinned', 'proven', 'none'];

/** Several days are as good as the worst of them. */
export const worstVerdict = (verdicts: Iterable<ProofVerdict>): ProofVerdict => {
  const found = new Set(verdicts);
  return order.find((verdict) => found.has(verdict)) ?? 'none';
};

export interface UnitMonth {
  unit: ProofReport['units'][number];
  verdict: ProofVerdict;
  /** How many days there are of each verdict, the worst first. */
  counts: { verdict: ProofVerdict; days: number }[];
}

export interface MonthReport {
  report: ProofReport;
  verdict: ProofVerdict;
  units: UnitMonth[];
  /** Days that are not simply proven, by unit. */
  exceptions: { unitName: string; hallName: string; day: ProofReport['units'][number]['days'][number] }[];
  /** It was made before the month was over everywhere. */
  isEarly: boolean;
  /** PEM, the signer's first. */
  certificates: readonly string[];
  /** The exact text that was signed. */
  document: string;
}

const latestZoneMs = 12 * 3_600_000;

const endOf = (month: string): number => {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return Date.UTC(year, number, 1) + latestZoneMs;
};

/** A signed month, arranged for paper. What is shown comes from the signed text alone. */
export function readMonthReport(signed: SignedReport): MonthReport {
  const report = JSON.parse(signed.document) as ProofReport;
  const units = report.units.map((unit): UnitMonth => {
    const verdicts = unit.days.map(({ verdict }) => verdict);
    const counts = order
      .map((verdict) => ({ verdict, days: verdicts.filter((one) => one === verdict).length }))
      .filter(({ days }) => days > 0);
    return { unit, verdict: worstVerdict(verdicts), counts };
  });
  return {
    report,
    verdict: worstVerdict(units.map(({ verdict }) => verdict)),
    units,
    exceptions: report.units.flatMap(({ unitName, hallName, days }) =>
      days.filter(({ verdict }) => verdict !== 'proven').map((day) => ({ unitName, hallName, day })),
    ),
    isEarly: report.madeAt < endOf(report.month),
    certificates: signed.signature.certificates,
    document: signed.document,
  };
}

const toHex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-256 in hex; undefined where the browser gives pages without https no cryptography. */
const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> =>
  globalThis.crypto?.subtle ? toHex(await crypto.subtle.digest('SHA-256', bytes)) : undefined;

export interface Fingerprints {
  document: string | undefined;
  /** Of the signer's certificate (DER), as `openssl x509 -fingerprint -sha256` says it. */
  certificate: string | undefined;
}

/** Computed here, from the bytes that were signed. */
export async function fingerprintsOf({ document, certificates }: MonthReport): Promise<Fingerprints> {
  const base64 = (certificates[0] ?? '').replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
  const der = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return {
    document: await sha256(new TextEncoder().encode(document)),
    certificate: der.length > 0 ? await sha256(der) : undefined,
  };
}

/** `9f86d081 884c7d65 …`: to be compared by eye. */
export const inGroups = (hex: string): string => hex.match(/.{1,8}/g)?.join(' ') ?? '';
