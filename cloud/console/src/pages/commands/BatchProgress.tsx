import type { CommandState } from '@hallhub/shared/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { batchQuery, cancelBatch } from '../../api/commands.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { FormProblem } from '../parts/FormProblem.js';
import { CommandMark } from '../parts/marks.js';

/** How far a command to many devices is, and taking back what has not begun. */
export function BatchProgress({ batchId, onAll }: { batchId: string; onAll: () => void }) {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const may = useRights();
  const client = useQueryClient();
  const { data: batch } = useQuery(batchQuery(batchId));
  const cancel = useMutation({
    mutationFn: () => cancelBatch(batchId),
    onSuccess: (changed) => client.setQueryData(['commands', 'batch', batchId], changed),
  });
  if (!batch) return null;
  const open = batch.finished < batch.total;
  return (
    <div className="card card-pad command-batch">
      <div className="row row-wrap">
        <b>{label(batch.label) || batch.name}</b>
        <span role="status">{t('batch.progress', { finished: batch.finished, total: batch.total })}</span>
        <span className="faint small grow">
          {batch.issuedBy.name} · <RelativeTime time={batch.issuedAt} /> · {t('deadline')}{' '}
          <RelativeTime time={batch.deadlineAt} />
        </span>
        {open && may('command.issue') && !batch.cancelledAt ? (
          <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('batch.cancel')}
          </Button>
        ) : null}
        <Button size="small" type="text" onClick={onAll}>
          {t('batch.all')}
        </Button>
      </div>
      <progress max={batch.total} value={batch.finished} aria-label={label(batch.label) || batch.name} />
      <div className="row row-wrap small">
        {(Object.entries(batch.states) as [CommandState, number][]).map(([state, count]) => (
          <span key={state} className="row">
            <CommandMark state={state} provisional={false} /> {count}
          </span>
        ))}
      </div>
      {batch.skipped.length > 0 ? (
        <details className="command-skipped small">
          <summary>{t('batch.skipped', { count: batch.skipped.length })}</summary>
          <ul>
            {batch.skipped.map((one) => (
              <li key={one.deviceId}>
                {one.deviceName ?? <code>{one.deviceId}</code>}{' '}
                <span className="faint">{t(`batch.reason.${one.reason}`)}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {cancel.error ? <FormProblem error={cancel.error} /> : null}
    </div>
  );
}
