import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { ticketsQuery } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { oneOf, useSearchState } from '../../../app/search-state.js';
import { useLabel } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../../ui/states.js';
import { useListing } from '../../parts/list-state.js';
import { RowDue, StateMark, TroubleMarks } from '../marks.js';
import { FieldFoot } from './FieldFoot.js';
import { FieldFrame } from './FieldFrame.js';
import { useTakeAlong } from './use-take-along.js';

const searchSchema = z.object({ view: oneOf(['todo', 'handled'] as const) });

/** What waits for whoever is out: nearest to its end first. */
export default function FieldListPage() {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const [search, setSearch] = useSearchState(searchSchema);
  const view = search.view ?? 'todo';
  const list = useListing(ticketsQuery({ view, sort: 'due', limit: 50 }));
  useTakeAlong(view === 'todo' ? list.rows : undefined);
  return (
    <FieldFrame title={t('field.title')} isList>
      <div className="field-tabs" role="toolbar" aria-label={t('view.label')}>
        {(['todo', 'handled'] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === view}
            className={one === view ? 'field-tab is-active' : 'field-tab'}
            onClick={() => setSearch({ view: one })}
          >
            {t(`view.${one}`)}
          </button>
        ))}
      </div>
      {list.rows === undefined ? (
        list.error ? (
          <ErrorState error={list.error} onRetry={list.onRetry} />
        ) : (
          <SkeletonLines lines={8} />
        )
      ) : list.rows.length === 0 ? (
        <Empty icon="check" title={t(`empty.${view}.title`)} hint={t(`empty.${view}.hint`)} />
      ) : (
        <ul className="field-list">
          {list.rows.map((row) => (
            <li key={row.id}>
              <AppLink to={paths.fieldTicket(row.id)} className="field-card">
                <span className="field-card-title">{row.title || t('untitled')}</span>
                <span className="row row-wrap">
                  <RowDue row={row} />
                  <StateMark state={row.state} />
                </span>
                <TroubleMarks row={row} />
                <span className="small faint">
                  {label(row.kind.label)} · {row.number}
                </span>
              </AppLink>
            </li>
          ))}
        </ul>
      )}
      {list.more.has ? (
        <Button className="touch" block loading={list.more.loading} onClick={list.more.load}>
          {t('field.more')}
        </Button>
      ) : null}
      <FieldFoot />
    </FieldFrame>
  );
}
