import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ticketHistoryQuery } from '../../../api/tickets.js';
import { groupLines } from '../view/group-lines.js';
import { ActSentences } from '../view/Timeline.js';

interface MeanwhileNoteProps {
  ticketId: string;
  /** The last line that this person had seen. */
  since: number;
  onSeen: () => void;
}

/** Somebody acted while this was written: who and what. What was typed stands. */
export function MeanwhileNote({ ticketId, since, onSeen }: MeanwhileNoteProps) {
  const { t } = useTranslation('tickets');
  const { data } = useQuery(ticketHistoryQuery(ticketId));
  const groups = groupLines((data?.items ?? []).filter(({ seq }) => seq > since));
  return (
    <div role="alert" className="meanwhile">
      <p>{t('meanwhile.title')}</p>
      <ul>
        {groups.map((group) => (
          <li key={group.key}>
            <ActSentences group={group} />
          </li>
        ))}
      </ul>
      <div className="row row-wrap">
        <span className="grow small soft">{t('meanwhile.kept')}</span>
        <Button size="small" onClick={onSeen}>
          {t('meanwhile.seen')}
        </Button>
      </div>
    </div>
  );
}
