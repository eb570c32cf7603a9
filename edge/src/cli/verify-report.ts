import { verify, X509Certificate } from 'node:crypto';
import { addsUp, type ProofReport, proofReportSchema, type SignedReport } from '@hallhub/shared/proof';

export interface ReportCheck {
  readonly what: string;
  readonly ok: boolean;
  readonly said: string;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Every check on its own, so that a person sees which one fails. `trusted`: CA certificates (PEM) that are known by another way. */
export const checkReport = (
  signed: SignedReport,
  trusted: readonly string[],
): { readonly checks: ReportCheck[]; readonly report: ProofReport | undefined } => {
  const parsed = proofReportSchema.safeParse(parse(signed.document));
  const report = parsed.success ? parsed.data : undefined;
  const checks: ReportCheck[] = [
    { what: 'document', ok: report !== undefined, said: report ? `month ${report.month}` : 'not a proof report' },
  ];
  if (report) {
    const ok = addsUp(report);
    checks.push({
      what: 'sums',
      ok,
      said: ok ? 'every total is the sum of its parts' : 'a total is not its parts’ sum',
    });
  }
  const signer = read(signed.signature.certificates[0]);
  const signature = Buffer.from(signed.signature.signature, 'base64');
  const isSigned =
    signer !== undefined && verify('sha256', Buffer.from(signed.document, 'utf8'), signer.publicKey, signature);
  checks.push({ what: 'signature', ok: isSigned, said: isSigned ? 'fits the document' : 'does not fit the document' });
  const authority =
    signer && [...trusted].map(read).find((ca) => ca && signer.checkIssued(ca) && signer.verify(ca.publicKey));
  checks.push({
    what: 'signer',
    ok: authority !== undefined,
    said:
      trusted.length === 0
        ? 'no authority to check against: name one with --ca FILE'
        : authority
          ? `certified by ${authority.subject.replaceAll('\n', ', ')}`
          : 'not certified by an authority known here',
  });
  return { checks, report };
};

const read = (pem: string | undefined): X509Certificate | undefined => {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
};
