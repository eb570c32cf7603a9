import { createHash } from 'node:crypto';
import type { ProofFigures, ProofReport, SignedReport } from '@hallhub/shared/proof';
import { canonicalJson, noFigures, proofReportSchema } from '@hallhub/shared/proof';
import t from 'tap';
import { fingerprintsOf, inGroups, readMonthReport, worstVerdict } from './month-report.js';

// Not a whole certificate: only its bytes matter here.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUQ3qLh7mXbcQ0lJb8m0r3yq8M0WcwCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----`;

const figures = (produced: number): ProofFigures => ({ ...noFigures, produced, stored: produced });
const day = (date: string, verdict: 'proven' | 'pending' | 'different' | 'thinned') => ({
  day: date,
  verdict,
  figures: figures(10),
  hoursSha256: 'a'.repeat(64),
});
const unit = (number: number, ...days: ReturnType<typeof day>[]) => ({
  unitId: `00000000-0000-7000-8000-00000000000${number}`,
  unitName: `单元 ${number}`,
  hallId: '00000000-0000-7000-8000-0000000000aa',
  hallName: '城区营业厅',
  timeZone: 'Asia/Shanghai',
  totals: figures(10 * days.length),
  days,
});
const report = (more: Partial<ProofReport> = {}): ProofReport =>
  proofReportSchema.parse({
    v: 1,
    kind: 'hallhub.proof-report',
    id: '00000000-0000-7000-8000-0000000000ff',
    tenant: { id: '00000000-0000-7000-8000-0000000000ee', name: '示例机构' },
    month: '2026-10',
    madeAt: Date.parse('2026-11-03T02:00:00Z'),
    software: '1.0.0',
    totals: figures(40),
    units: [
      unit(1, day('2026-10-01', 'proven'), day('2026-10-02', 'proven')),
      unit(2, day('2026-10-01', 'pending'), day('2026-10-02', 'different')),
    ],
    ...more,
  });
const signed = (of: ProofReport, pem = certificate): SignedReport => ({
  v: 1,
  kind: 'hallhub.signed-proof-report',
  document: canonicalJson(of),
  signature: { algorithm: 'ecdsa-p256-sha256', signature: '', certificates: [pem] },
});

t.test('a month is as good as its worst day, and that day is named', async (t) => {
  const month = readMonthReport(signed(report()));
  t.equal(month.verdict, 'different');
  t.match(
    month.units.map(({ verdict, counts }) => ({ verdict, counts })),
    [
      { verdict: 'proven', counts: [{ verdict: 'proven', days: 2 }] },
      {
        verdict: 'different',
        counts: [
          { verdict: 'different', days: 1 },
          { verdict: 'pending', days: 1 },
        ],
      },
    ],
  );
  t.match(month.exceptions, [
    { unitName: '单元 2', day: { day: '2026-10-01', verdict: 'pending' } },
    { unitName: '单元 2', day: { day: '2026-10-02', verdict: 'different' } },
  ]);
  t.equal(worstVerdict([]), 'none');
});

t.test('a month that was not over says so', async (t) => {
  t.notOk(readMonthReport(signed(report())).isEarly);
  t.ok(readMonthReport(signed(report({ madeAt: Date.parse('2026-10-31T15:00:00Z') }))).isEarly);
  t.notOk(readMonthReport(signed(report({ month: '2025-12' }))).isEarly, 'over the end of a year');
});

t.test('fingerprints are of the signed bytes', async (t) => {
  const month = readMonthReport(signed(report()));
  const prints = await fingerprintsOf(month);
  t.equal(prints.document, createHash('sha256').update(month.document, 'utf8').digest('hex'));
  const der = Buffer.from(certificate.split('\n')[1] ?? '', 'base64');
  t.equal(prints.certificate, createHash('sha256').update(der).digest('hex'), 'of the DER');
  t.equal(inGroups('0123456789abcdef'), '01234567 89abcdef');
  t.equal(inGroups(''), '');
});
