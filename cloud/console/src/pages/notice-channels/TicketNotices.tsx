import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type TicketNoticeLine, ticketNoticesQuery } from '../../api/notice-channels.js';
import { useLabel } from '../../i18n/use-language.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { deliveryLooks, useWhy } from './looks.js';
import './notice-channels.css';

const shownAtFirst = 5;

/** Whom a ticket’s notices told what, when, over which channel; nothing where nobody was told. */
export function TicketNotices({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation('noticeChannels');
  const [isWhole, setWhole] = useState(false);
  const query = useQuery(ticketNoticesQuery(ticketId));
  const items = query.data?.items ?? [];
  if (!query.error && items.length === 0) return null;
  const rest = items.length - shownAtFirst;
  return (
    <Section title={t('ticket.title')}>
      <div className="card-pad">
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : (
          <ul className="nc-lines">
            {(isWhole ? items : items.slice(0, shownAtFirst)).map((line) => (
              <Line key={line.id} line={line} />
            ))}
          </ul>
        )}
        {!isWhole && rest > 0 ? (
          <Button type="link" size="small" onClick={() => setWhole(true)}>
            {t('ticket.more', { count: rest })}
          </Button>
        ) : null}
      </div>
    </Section>
  );
}

function Line({ line }: { line: TicketNoticeLine }) {
  const { t } = useTranslation('noticeChannels');
  const label = useLabel();
  const why = useWhy();
  const whom = line.name ?? (line.addressee === 'person' ? '' : t(`to.${line.addressee}`));
  return (
    <li className="nc-line">
      <div className="nc-line-head">
        <span>
          {whom}
          <span className="faint small">
            {` ${t(`kind.${line.channel}`)}`}
            {line.shown ? ` ${line.shown}` : ''}
          </span>
        </span>
        <StatusMark {...deliveryLooks[line.state]} word={t(`delivery.${line.state}`)} />
      </div>
      <div className="small break">{label(line.text)}</div>
      <div className="small faint">
        <RelativeTime time={line.at ?? line.madeAt} />
        {line.code ? ` · ${why(line.code)}` : ''}
      </div>
    </li>
  );
}
