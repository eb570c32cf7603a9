import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { makeProofReport, proofReportsQuery, reportFile } from '../../api/proof.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { today } from '../../format/page-zone.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { ProofSum } from './ProofSum.js';
import { verdictLooks } from './proof-looks.js';
import { verifyCommands } from './verify-commands.js';

/** Signed months: made here, checked by anybody with openssl. */
export function Reports({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const client = useQueryClient();
  const [month, setMonth] = useState(() => today().slice(0, 7));
  const reports = useQuery(proofReportsQuery);
  const make = useMutation({
    mutationFn: () => makeProofReport(month),
    onSuccess: () => client.invalidateQueries({ queryKey: proofReportsQuery.queryKey }),
  });
  return (
    <SidePanel title={t('report.title')} onClose={onClose}>
      <div className="stack">
        <p className="faint">{t('report.lead')}</p>
        <div className="row row-wrap">
          <input type="month" value={month} aria-label={t('report.month')} onChange={(e) => setMonth(e.target.value)} />
          <Button type="primary" loading={make.isPending} disabled={month === ''} onClick={() => make.mutate()}>
            {t('report.make')}
          </Button>
        </div>
        {make.error ? <FormProblem error={make.error} /> : null}
        {reports.error ? <ErrorState error={reports.error} onRetry={() => void reports.refetch()} compact /> : null}
        {reports.data?.length === 0 ? <Empty title={t('report.none')} hint={t('report.noneHint')} /> : null}
        {reports.data?.map((report) => (
          <article key={report.id} className="proof-report">
            <div className="row row-wrap">
              <b>{report.month}</b>
              <StatusMark {...verdictLooks[report.verdict]} word={t(`verdict.${report.verdict}`)} />
              <span className="faint small">
                {t('report.units', { count: report.units, shown: formatNumber(report.units, language, 0) })} ·{' '}
                {report.madeBy} · <RelativeTime time={report.madeAt} />
              </span>
            </div>
            <ProofSum figures={report.totals} />
            <div className="row row-wrap small">
              <AppLink to={paths.proofReport(report.id)}>{t('report.paper')}</AppLink>
              <a href={reportFile(report.id)} download>
                {t('report.whole')}
              </a>
              {(['document', 'signature', 'certificates'] as const).map((part) => (
                <a key={part} href={reportFile(report.id, part)} download>
                  {t(`report.${part}`)}
                </a>
              ))}
            </div>
          </article>
        ))}
        <details>
          <summary>{t('report.how')}</summary>
          <pre className="proof-shell">{verifyCommands}</pre>
          <p className="faint small">{t('report.howCa')}</p>
        </details>
      </div>
    </SidePanel>
  );
}
