import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketEventGroup, TicketPage } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { paths } from '../../../paths.js';
import { Section } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { BatchBar } from '../batch/BatchBar.js';
import { LightMark, StateMark } from '../marks.js';
import { Unlink } from '../view/Unlink.js';
import { AnswerDialog } from './AnswerDialog.js';
import { alikeOf, answerOffers } from './answer-acts.js';
import './event.css';

const fewShown = 6;

/** All tickets about one event: who asked how often, where each stands, and one answer for all. */
export function EventSection({ page, event }: { page: TicketPage; event: TicketEventGroup }) {
  const { t } = useTranslation('tickets');
  const [all, setAll] = useState(false);
  const [answering, setAnswering] = useState(false);
  const { items } = event;
  const running = items.filter(({ status }) => status !== 'ended');
  const alike = answerOffers(page).length > 0 ? alikeOf(page, items) : [];
  // Others are of the event by way of these: they leave it with the link that ties them.
  const direct = new Set(page.links.flatMap(({ how, ticket }) => (how === 'same_event' ? ticket.id : [])));
  const count = `${items.length}${event.truncated ? '+' : ''}`;
  return (
    <Section title={t('event.title', { number: count })}>
      <p className="event-facts small soft">
        {event.open > 0 ? <span>{t('event.open', { count: event.open })}</span> : null}
        {event.closed > 0 ? <span>{t('event.closed', { count: event.closed })}</span> : null}
        {event.requesters > 0 ? <span>{t('event.requesters', { count: event.requesters })}</span> : null}
        {event.repeats > 0 ? (
          <span className="event-repeats">{t('event.repeats', { count: event.repeats })}</span>
        ) : null}
        <span>
          {t('event.first')} <RelativeTime time={event.firstAt} />
        </span>
        <span>
          {t('event.last')} <RelativeTime time={event.lastAt} />
        </span>
      </p>
      <ul className="link-list">
        {(all ? items : items.slice(0, fewShown)).map((row) => (
          <li key={row.id} className="link-row">
            <AppLink
              to={paths.ticket(row.id)}
              className="linked"
              {...(row.id === page.id ? { 'aria-current': 'page' as const } : {})}
            >
              <span className="clip grow">
                <code className="small">{row.number}</code> {row.title || t('untitled')}
              </span>
              {row.light === 'red' || row.light === 'yellow' ? <LightMark light={row.light} bare /> : null}
              <StateMark state={row.state} />
            </AppLink>
            {direct.has(row.id) ? <Unlink page={page} link={{ how: 'same_event', ticket: row }} /> : null}
          </li>
        ))}
      </ul>
      {items.length > fewShown && !all ? (
        <button type="button" className="text-button small event-all" onClick={() => setAll(true)}>
          {t('event.all', { number: count })}
        </button>
      ) : null}
      {running.length > 1 ? (
        <div className="event-acts">
          {alike.length > 1 ? (
            <Button size="small" type="primary" onClick={() => setAnswering(true)}>
              {t('event.answer')} {alike.length}
            </Button>
          ) : null}
          <BatchBar rows={running} onDone={() => undefined} />
        </div>
      ) : null}
      {answering ? <AnswerDialog page={page} rows={alike} onClose={() => setAnswering(false)} /> : null}
    </Section>
  );
}
