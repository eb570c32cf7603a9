import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { supervisionQuery } from '../../../api/supervision.js';
import { officeChoicesQuery, type TicketRow } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { useRights } from '../../../app/session.js';
import { today } from '../../../format/page-zone.js';
import { useLabel } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { Skeleton } from '../../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../../ui/states.js';
import { FilterChoice } from '../../parts/FilterChoice.js';
import { FilterText } from '../../parts/FilterText.js';
import type { Press } from '../PressDialog.js';
import { TaskCard } from './TaskCard.js';
import './task-ledger.css';

export type TaskStatus = 'running' | 'ended';

interface Narrowing {
  year?: string | undefined;
  q?: string | undefined;
}

interface TaskLedgerProps {
  filter: { status: TaskStatus; hallId?: string | undefined; officeId?: string | undefined } & Narrowing;
  onFilter: (patch: { status?: TaskStatus | undefined; office?: string | undefined } & Narrowing) => void;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onPress: (press: Press, row: TicketRow) => void;
}

const yearsShown = 5;

/** The ledger of supervised tasks as cards, with what the year came to. */
export function TaskLedger({ filter, onFilter, openId, onOpen, onPress }: TaskLedgerProps) {
  const { t } = useTranslation(['supervision', 'tickets']);
  const { data, error, refetch } = useQuery({ ...supervisionQuery({ ...filter }), placeholderData: keepPreviousData });
  const offices = useQuery({ ...officeChoicesQuery, enabled: useRights()('office.read') }).data?.items ?? [];
  const label = useLabel();
  const now = Number(today().slice(0, 4));
  const years = Array.from({ length: yearsShown }, (_, i) => String(now - i));
  const sums = data?.sums;
  const share = sums && sums.judged > 0 ? Math.floor((sums.onTime / sums.judged) * 100) : undefined;
  return (
    <div className="task-ledger">
      <div className="row row-wrap table-tools">
        <Segmented
          aria-label={t('status.label')}
          value={filter.status}
          options={(['running', 'ended'] as const).map((value) => ({ value, label: t(`status.${value}`) }))}
          onChange={(status) => onFilter({ status })}
        />
        <Select
          aria-label={t('year')}
          allowClear
          placeholder={t('allYears')}
          value={filter.year ?? null}
          options={years.map((value) => ({ value, label: value }))}
          onChange={(year: string | undefined) => onFilter({ year })}
        />
        {offices.length > 0 ? (
          <FilterChoice
            label={t('office')}
            value={filter.officeId}
            options={offices.map(({ id, name }) => ({ value: id, label: label(name) }))}
            onChange={(office) => onFilter({ office })}
          />
        ) : null}
        <FilterText value={filter.q} placeholder={t('tickets:filter.text')} onChange={(q) => onFilter({ q })} />
        <span className="soft small task-ledger-sums" role="status">
          {sums ? t('sums', sums) : ''}
          {share === undefined ? '' : ` · ${t('onTime', { share })}`}
        </span>
        <AppLink to={paths.ticketStatistics()} search={{ kind: data?.kind, by: 'office' }}>
          {t('statistics')}
        </AppLink>
      </div>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <div className="task-cards" aria-busy="true">
          {[0, 1, 2].map((i) => (
            <div key={i} className="task-card card">
              <Skeleton width="60%" />
              <Skeleton width="90%" />
            </div>
          ))}
        </div>
      ) : data.items.length === 0 ? (
        filter.q || filter.year || filter.officeId ? (
          <Empty icon="filter" title={t('tickets:none.title')} hint={t('tickets:none.hint')} />
        ) : filter.status === 'ended' ? (
          <Empty icon="check" title={t('noneEnded')} hint={t('noneEndedHint')} />
        ) : (
          <Empty icon="ticket" title={t('none')} hint={t('noneHint')} />
        )
      ) : (
        <div className="task-cards">
          {data.items.map((task) => (
            <TaskCard
              key={task.ticket.id}
              task={task}
              isOpen={task.ticket.id === openId}
              onOpen={() => onOpen(task.ticket.id)}
              onPress={(press) => onPress(press, task.ticket)}
            />
          ))}
          {data.truncated ? <p className="faint small">{t('truncated')}</p> : null}
        </div>
      )}
    </div>
  );
}
