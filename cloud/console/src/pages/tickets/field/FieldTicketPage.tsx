import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ticketQuery } from '../../../api/tickets.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { TicketError } from '../TicketError.js';
import { TicketMarks } from '../TicketHead.js';
import { FieldFacts } from '../view/FieldFacts.js';
import { FileList } from '../view/FileList.js';
import { PlaceCard } from '../view/PlaceCard.js';
import { Timeline } from '../view/Timeline.js';
import { FilesContext } from '../work/files-context.js';
import { FileKeeperContext } from '../work/signature/file-keeper.js';
import { TicketWork } from '../work/TicketWork.js';
import { FieldFrame } from './FieldFrame.js';
import { fieldKeeper } from './field-keeper.js';
import { GoThere } from './GoThere.js';
import { PhotoField } from './PhotoField.js';
import { useOutbox, useSendKept } from './use-outbox.js';
import '../tickets.css';

/** One ticket in the hand: where it is, what to do, pictures, done. */
export default function FieldTicketPage() {
  const { t } = useTranslation(['tickets', 'fieldWork']);
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery(ticketQuery(id));
  const page = query.data;
  const { acts } = useOutbox();
  const sendAct = useSendKept(page);
  const isWaiting = acts.some((act) => act.ticketId === id);
  if (!page) {
    return (
      <FieldFrame title={t('field.title')}>
        {query.error ? (
          <TicketError error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </FieldFrame>
    );
  }
  const editable = page.offers.flatMap((offer) => offer.edit);
  const { place } = page;
  // Told above, with the way there.
  const told = page.document.fields.flatMap(({ key, type }) => {
    const value = page.fields[key] as { text?: string } | undefined;
    return type === 'place' && place && value?.text === place.text ? [key] : [];
  });
  return (
    <FieldFrame title={page.title || t('untitled')}>
      <TicketMarks page={page} />
      <p className="small faint">{page.number}</p>
      {place ? (
        <div className="field-place">
          <span className="grow">{place.text}</span>
          {place.lon !== null && place.lat !== null ? (
            <GoThere lon={place.lon} lat={place.lat} name={place.text} />
          ) : null}
        </div>
      ) : null}
      {place && place.lon !== null && place.lat !== null ? (
        <details className="field-more">
          <summary>{t('fieldWork:map.show')}</summary>
          <PlaceCard place={place} />
        </details>
      ) : null}
      <FieldFacts page={page} without={[...editable, ...told]} bare withTitle />
      {page.files.length > 0 ? <FileList page={page} /> : null}
      {isWaiting ? (
        <p className="field-kept">{t('field.kept')}</p>
      ) : (
        <FilesContext value={PhotoField}>
          <FileKeeperContext value={fieldKeeper}>
            <TicketWork key={page.id} page={page} sendAct={sendAct} />
          </FileKeeperContext>
        </FilesContext>
      )}
      <details className="field-more">
        <summary>{t('section.history')}</summary>
        <Timeline ticketId={page.id} />
      </details>
    </FieldFrame>
  );
}
