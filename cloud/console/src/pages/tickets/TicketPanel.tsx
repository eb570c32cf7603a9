import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ticketQuery } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { TicketError } from './TicketError.js';
import { RepeatNote, TicketMarks, TicketOrigin } from './TicketHead.js';
import { useReadNotices } from './use-read-notices.js';
import { FieldFacts } from './view/FieldFacts.js';
import { FileList } from './view/FileList.js';
import { TaskList } from './view/TaskList.js';
import { Timeline } from './view/Timeline.js';
import { TicketWork } from './work/TicketWork.js';

/** A ticket beside its list: read, act, on to the next. */
export function TicketPanel({ ticketId, onClose }: { ticketId: string; onClose: () => void }) {
  const { t } = useTranslation(['tickets', 'common']);
  const query = useQuery(ticketQuery(ticketId));
  useReadNotices(ticketId);
  const page = query.data;
  const editable = page?.offers.flatMap((offer) => offer.edit) ?? [];
  return (
    <SidePanel
      title={page ? page.title || t('untitled') : t('title')}
      mark={page ? <TicketMarks page={page} /> : undefined}
      fullPage={
        <AppLink to={paths.ticket(ticketId)} aria-label={t('common:openPage')}>
          <Button type="text" icon={<Icon name="open" />} tabIndex={-1} aria-hidden="true" />
        </AppLink>
      }
      onClose={onClose}
    >
      {page ? (
        <div className="ticket-panel">
          <TicketOrigin page={page} />
          <RepeatNote page={page} />
          <FieldFacts page={page} without={editable} bare />
          {page.files.length > 0 ? <FileList page={page} /> : null}
          <TicketWork key={page.id} page={page} />
          <section aria-label={t('section.tasks')}>
            <h3 className="panel-sub">{t('section.tasks')}</h3>
            <TaskList page={page} />
          </section>
          <section aria-label={t('section.history')}>
            <h3 className="panel-sub">{t('section.history')}</h3>
            <Timeline ticketId={page.id} />
          </section>
        </div>
      ) : query.error ? (
        <TicketError error={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <SkeletonLines lines={8} />
      )}
    </SidePanel>
  );
}
