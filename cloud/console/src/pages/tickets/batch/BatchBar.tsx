import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mostActsAtOnce, type TicketRow } from '../../../api/tickets.js';
import { useRights } from '../../../app/session.js';
import { HeldButton } from '../../../ui/HeldButton.js';
import { BatchDialog } from './BatchDialog.js';
import { type BatchAct, batchActs, fitsBatch } from './batch-acts.js';

/** What can be done to all that is picked at once. */
export function BatchBar({ rows, onDone }: { rows: TicketRow[]; onDone: () => void }) {
  const { t } = useTranslation('tickets');
  const may = useRights();
  const [act, setAct] = useState<BatchAct>();
  const some = rows.slice(0, mostActsAtOnce);
  return (
    <>
      {batchActs
        .filter((one) => one !== 'supervise' || may('ticket.supervise'))
        .map((one) => {
          const count = some.filter((row) => fitsBatch(one, row)).length;
          return (
            <HeldButton
              key={one}
              size="small"
              why={count === 0 ? t('batch.noneFits', { act: t(`batch.act.${one}`) }) : undefined}
              onClick={() => setAct(one)}
            >
              {t(`batch.act.${one}`)}
              {count > 0 && count < rows.length ? ` ${count}` : ''}
            </HeldButton>
          );
        })}
      {rows.length > mostActsAtOnce ? (
        <span className="small faint">{t('batch.most', { count: mostActsAtOnce })}</span>
      ) : null}
      {act ? (
        <BatchDialog
          act={act}
          rows={some.filter((row) => fitsBatch(act, row))}
          onClose={(isDone) => {
            setAct(undefined);
            if (isDone) onDone();
          }}
        />
      ) : null}
    </>
  );
}
