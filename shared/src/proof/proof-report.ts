import { z } from 'zod';
import { chainSchema, epochMsSchema, idSchema } from '../wire/primitives.js';
import { addFigures, noFigures, type ProofFigures, proofFiguresSchema, proofVerdictSchema } from './proof-figures.js';

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

export const proofReportDaySchema = z.object({
  day: z.string().regex(dayPattern),
  verdict: proofVerdictSchema,
  figures: proofFiguresSchema,
  /** SHA-256 of the canonical JSON of that day's `hours`, as the day's own page exports them. */
  hoursSha256: chainSchema,
});

/** The signed document: canonical JSON of this. */
export const proofReportSchema = z.object({
  v: z.literal(1),
  kind: z.literal('hallhub.proof-report'),
  id: idSchema,
  tenant: z.object({ id: idSchema, name: z.string() }),
  month: z.string().regex(/^\d{4}-\d{2}$/),
  madeAt: epochMsSchema,
  software: z.string(),
  totals: proofFiguresSchema,
  units: z.array(
    z.object({
      unitId: idSchema,
      unitName: z.string(),
      hallId: idSchema,
      hallName: z.string(),
      timeZone: z.string(),
      totals: proofFiguresSchema,
      /** Days without a row are left out. */
      days: z.array(proofReportDaySchema),
    }),
  ),
});
export type ProofReport = z.infer<typeof proofReportSchema>;

export const reportSignatureSchema = z.object({
  algorithm: z.literal('ecdsa-p256-sha256'),
  /** DER, base64. */
  signature: z.string(),
  /** PEM, the signer's first. */
  certificates: z.array(z.string()).min(1),
});

/** One file with everything: `document` is the exact text that was signed. */
export const signedReportSchema = z.object({
  v: z.literal(1),
  kind: z.literal('hallhub.signed-proof-report'),
  document: z.string(),
  signature: reportSignatureSchema,
});
export type SignedReport = z.infer<typeof signedReportSchema>;

export const sumFigures = (figures: Iterable<ProofFigures>): ProofFigures => {
  let sum = noFigures;
  for (const one of figures) sum = addFigures(sum, one);
  return sum;
};

/** True where every sum in a report is the sum of its parts. */
export const addsUp = (report: ProofReport): boolean => {
  const same = (a: ProofFigures, b: ProofFigures) =>
    (Object.keys(noFigures) as (keyof ProofFigures)[]).every((key) => a[key] === b[key]);
  return (
    report.units.every((unit) => same(unit.totals, sumFigures(unit.days.map(({ figures }) => figures)))) &&
    same(report.totals, sumFigures(report.units.map(({ totals }) => totals)))
  );
};
