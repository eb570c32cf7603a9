import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { importFaultsQuery, type TicketImportPage } from '../../api/ticket-imports.js';
import { useLabel } from '../../i18n/use-language.js';
import { ErrorState } from '../../ui/states.js';
import { useListing } from '../parts/list-state.js';

/** Row by row: which column, what stands there, why it cannot be. */
export function FaultList({ one }: { one: TicketImportPage }) {
  const { t } = useTranslation('ticketImports');
  const label = useLabel();
  const list = useListing({
    ...importFaultsQuery(one.id),
    queryKey: [`ticket-import-faults-${one.id}`, one.version, one.bad, one.faulty],
  });
  if (list.error) return <ErrorState error={list.error} onRetry={list.onRetry} compact />;
  return (
    <div className="import-faults-scroll">
      <table className="import-faults">
        <thead>
          <tr>
            <th scope="col">{t('faults.line')}</th>
            <th scope="col">{t('faults.column')}</th>
            <th scope="col">{t('faults.value')}</th>
            <th scope="col">{t('faults.why')}</th>
          </tr>
        </thead>
        <tbody>
          {(list.rows ?? []).flatMap(({ line, faults }) =>
            faults.map((fault, i) => (
              <tr key={`${line}-${fault.column}-${fault.code}`}>
                <td className="import-line">{i === 0 ? line : ''}</td>
                <td>{fault.title ?? <span className="faint">{t('faults.row')}</span>}</td>
                <td className="import-value">
                  {fault.value === '' ? <span className="faint">{t('blank')}</span> : fault.value}
                </td>
                <td>{label(fault.text)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      {list.more.has ? (
        <Button type="text" loading={list.more.loading} onClick={list.more.load}>
          {t('faults.more')}
        </Button>
      ) : null}
    </div>
  );
}
