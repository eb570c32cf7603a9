import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { proofReportsQuery } from '../../api/proof.js';
import { Facts } from '../parts/Facts.js';
import { fingerprintsOf, inGroups, type MonthReport } from './month-report.js';
import { hashCommand, verifyCommands } from './verify-commands.js';

/** What ties the paper to the signed file, and how anybody checks that file. */
export function ReportCheck({ month }: { month: MonthReport }) {
  const { t } = useTranslation('proof');
  const { id } = month.report;
  const prints = useQuery({
    queryKey: ['proof', 'fingerprints', id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => fingerprintsOf(month),
  });
  const computed = prints.data?.document;
  // Without https a browser computes nothing: then the cloud's word stands, and is said to be that.
  const listed = useQuery({ ...proofReportsQuery, enabled: prints.isSuccess && computed === undefined });
  const told = listed.data?.find((report) => report.id === id)?.sha256;
  return (
    <section className="report-check">
      <h3>{t('sheet.check')}</h3>
      <Facts
        facts={[
          computed !== undefined && {
            label: t('sheet.fingerprint'),
            value: <Print hex={computed} note={t('sheet.computed')} />,
          },
          computed === undefined &&
            told !== undefined && {
              label: t('sheet.fingerprint'),
              value: <Print hex={told} note={t('sheet.told')} />,
            },
          prints.data?.certificate !== undefined && {
            label: t('sheet.signer'),
            value: <Print hex={prints.data.certificate} />,
          },
        ]}
      />
      <ol>
        <li>{t('sheet.step.files')}</li>
        <li>
          {t('sheet.step.compare')} <code>{hashCommand}</code>
        </li>
        <li>
          {t('sheet.step.signature')}
          <pre className="proof-shell">{verifyCommands}</pre>
        </li>
        <li>{t('report.howCa')}</li>
      </ol>
    </section>
  );
}

function Print({ hex, note }: { hex: string; note?: string }) {
  return (
    <>
      <code className="report-print">{inGroups(hex)}</code>
      {note ? <div className="faint small">{note}</div> : null}
    </>
  );
}
