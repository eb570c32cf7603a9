import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type AuditVerification, auditChainQuery, auditExportUrl, verifyAudit } from '../../api/audit.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { useSaveLink } from '../../ui/use-save-link.js';
import { FormProblem } from '../parts/FormProblem.js';

/** Is the trail whole? The last answer, a button for a new one, and the trail as a file. */
export function AuditChainBar({ filter }: { filter: Record<string, string | undefined> }) {
  const { t } = useTranslation('admin');
  const onSave = useSaveLink();
  const client = useQueryClient();
  const chain = useQuery(auditChainQuery);
  const verify = useMutation({
    mutationFn: verifyAudit,
    onSuccess: () => client.invalidateQueries({ queryKey: auditChainQuery.queryKey }),
  });
  // Who may read a hall's part of the trail only does not see the whole chain.
  if (chain.error) return null;
  const found = chain.data?.verification;
  return (
    <div className="audit-chain">
      <span role="status" className="audit-chain-state">
        {found ? <ChainState found={found} /> : <span className="soft">{t('chain.never')}</span>}
        {found ? (
          <span className="soft">
            <RelativeTime time={found.verifiedAt} />
          </span>
        ) : null}
        {chain.data?.lastSignedHead ? (
          <span className="soft">{t('chain.signed', { seq: chain.data.lastSignedHead.seq })}</span>
        ) : null}
      </span>
      <span className="grow" />
      <Button size="small" loading={verify.isPending} onClick={() => verify.mutate()}>
        {t('chain.verify')}
      </Button>
      <Button size="small" href={auditExportUrl('jsonl', filter)} download onClick={onSave}>
        {t('chain.exportJson')}
      </Button>
      <Button size="small" href={auditExportUrl('csv', filter)} download onClick={onSave}>
        {t('chain.exportCsv')}
      </Button>
      <FormProblem error={verify.error} />
    </div>
  );
}

function ChainState({ found }: { found: AuditVerification }) {
  const { t } = useTranslation('admin');
  if (found.problem) {
    const said = t(`chain.${found.problem.kind}`, { seq: found.problem.seq });
    return <StatusMark tone="bad" shape="cross" word={said} />;
  }
  if (found.backdated.length > 0) {
    const said = t('chain.backdated', { seq: found.backdated[0]?.seq, to: found.checkedTo });
    return <StatusMark tone="warn" shape="triangle" word={said} />;
  }
  return <StatusMark tone="quiet" shape="check" word={t('chain.whole', { seq: found.checkedTo })} />;
}
