import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { recountDay, type UnitDayProof } from '../../api/proof.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { FormProblem } from '../parts/FormProblem.js';
import { verdictLooks } from './proof-looks.js';

/** Counts what really stands in the tables, on demand: the last link, from commit to row. */
export function RecountCard({ proof }: { proof: UnitDayProof }) {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const client = useQueryClient();
  const number = (value: number) => formatNumber(value, language, 0);
  const recount = useMutation({
    mutationFn: () => recountDay(proof.unitId, proof.day),
    onSuccess: () => client.invalidateQueries({ queryKey: ['proof', 'unit', proof.unitId] }),
  });
  const last = proof.recount;
  return (
    <div className="card-pad stack">
      <p className="faint">{t('recount.lead')}</p>
      {last ? (
        <>
          <div className="row row-wrap">
            <StatusMark
              {...verdictLooks[last.equal ? 'proven' : 'different']}
              word={t(last.equal ? 'recount.equal' : 'recount.different')}
            />
            <span className="faint small">
              <RelativeTime time={last.at} /> · {last.by}
            </span>
          </div>
          <table className="plain-table proof-kinds">
            <thead>
              <tr>
                <th>{t('recount.kind')}</th>
                <th className="align-end">{t('recount.expected')}</th>
                <th className="align-end">{t('recount.found')}</th>
              </tr>
            </thead>
            <tbody>
              {last.kinds.map((one) => (
                <tr key={one.kind} className={one.expected === one.found ? undefined : 'is-bad'}>
                  <td>{t(`kind.${one.kind}`)}</td>
                  <td className="align-end">{number(one.expected)}</td>
                  <td className="align-end">{number(one.found)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ) : null}
      {recount.error ? <FormProblem error={recount.error} /> : null}
      <div>
        <Button loading={recount.isPending} onClick={() => recount.mutate()}>
          {t('recount.now')}
        </Button>
      </div>
    </div>
  );
}
