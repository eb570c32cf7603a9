import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ticketEventQuery, ticketQuery } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { paths } from '../../paths.js';
import { Page, Section } from '../../ui/Page.js';
import { TicketNotices } from '../notice-channels/TicketNotices.js';
import { DeviceSection } from './device/DeviceSection.js';
import { FindingSection } from './device/FindingSection.js';
import { EventSection } from './event/EventSection.js';
import { TicketError } from './TicketError.js';
import { RepeatNote, TicketMarks, TicketOrigin } from './TicketHead.js';
import { useReadNotices } from './use-read-notices.js';
import { ClockList } from './view/ClockList.js';
import { FieldFacts } from './view/FieldFacts.js';
import { FileList } from './view/FileList.js';
import { LinkList } from './view/LinkList.js';
import { PlaceCard } from './view/PlaceCard.js';
import { TaskList } from './view/TaskList.js';
import { Timeline } from './view/Timeline.js';
import { HeldUp, UnbegunList } from './view/Unbegun.js';
import { TicketWork } from './work/TicketWork.js';
import './tickets.css';
import './view/unbegun.css';

/** One ticket: what it says, what to do, where its time went, all that happened. */
export default function TicketPage() {
  const { t } = useTranslation('tickets');
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery(ticketQuery(id));
  useReadNotices(id);
  const event = useQuery(ticketEventQuery(id)).data;
  const page = query.data;
  if (!page) {
    return query.error ? <TicketError error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  const editable = page.offers.flatMap((offer) => offer.edit);
  const hasPlace = page.place !== null && page.place.lon !== null && page.place.lat !== null;
  const isOne = event !== undefined && event.items.length > 1;
  const links = isOne ? page.links.filter(({ how }) => how !== 'same_event') : page.links;
  return (
    <Page
      title={page.title || t('untitled')}
      trail={<AppLink to={paths.tickets()}>{t('title')}</AppLink>}
      mark={<TicketMarks page={page} />}
      lead={<TicketOrigin page={page} />}
      actions={
        <AppLink to={paths.ticketPrint(page.id)} className="button-link">
          <Button tabIndex={-1}>{t('print.label')}</Button>
        </AppLink>
      }
    >
      <div className="ticket-page" data-seq={page.seq}>
        <div className="ticket-main">
          <RepeatNote page={page} />
          <FieldFacts page={page} without={editable} />
          {page.files.length > 0 ? (
            <Section title={t('section.files')}>
              <div className="card-pad">
                <FileList page={page} />
              </div>
            </Section>
          ) : null}
          <Section title={t('section.work')}>
            <div className="card-pad">
              <HeldUp page={page} />
              <TicketWork key={page.id} page={page} />
            </div>
          </Section>
          <Section title={t('section.history')}>
            <div className="card-pad">
              <Timeline ticketId={page.id} />
            </div>
          </Section>
        </div>
        <div className="ticket-side">
          <Section title={t('section.clocks')}>
            <div className="card-pad">
              <ClockList ticketId={page.id} />
            </div>
          </Section>
          <Section title={t('section.tasks')}>
            <TaskList page={page} all />
          </Section>
          <DeviceSection page={page} />
          {page.source === 'vision' ? <FindingSection ticketId={page.id} /> : null}
          {page.place && hasPlace ? (
            <Section title={t('section.place')}>
              <div className="card-pad">
                <PlaceCard place={page.place} />
              </div>
            </Section>
          ) : null}
          {isOne ? <EventSection key={`event${page.id}`} page={page} event={event} /> : null}
          {links.length > 0 || page.unbegun.length > 0 ? (
            <Section title={t('section.links')}>
              <UnbegunList page={page} />
              <LinkList page={page} links={links} />
            </Section>
          ) : null}
          <TicketNotices ticketId={page.id} />
        </div>
      </div>
    </Page>
  );
}
