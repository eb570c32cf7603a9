import { useTranslation } from 'react-i18next';
import type { TaskView, TicketPage } from '../../../api/tickets.js';
import { formatDuration } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { type StatusLook, StatusMark } from '../../../ui/StatusMark.js';

const looks: Record<TaskView['state'], StatusLook> = {
  waiting: { tone: 'quiet', shape: 'dashed' },
  open: { tone: 'accent', shape: 'ring' },
  signed: { tone: 'accent', shape: 'half' },
  lent: { tone: 'quiet', shape: 'dashed' },
  done: { tone: 'quiet', shape: 'check' },
  gone: { tone: 'quiet', shape: 'cross' },
};

/** Who has the ticket and who had it; of joint handling, each side with how far it is. */
export function TaskList({ page, all }: { page: TicketPage; all?: boolean }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const language = useLanguage();
  const now = page.tasks.filter(
    ({ step, state, visit }) =>
      ['open', 'signed', 'waiting', 'lent'].includes(state) ||
      (step.id === page.step.id && state === 'done' && visit === lastVisit(page)),
  );
  const shown = all ? [...page.tasks].reverse() : now;
  if (shown.length === 0) return null;
  return (
    <ul className="task-list">
      {shown.map((task) => (
        <li key={task.id} className="task">
          <StatusMark {...looks[task.state]} word={t(task.handedTo ? 'task.handed' : `task.${task.state}`)} />
          <span className="grow">
            <span className="task-party">{task.heldBy?.name ?? task.party.name}</span>
            {task.heldBy && task.party.kind === 'office' ? <span className="faint"> · {task.party.name}</span> : null}
            {task.lead ? <span className="task-tag">{t('task.lead')}</span> : null}
            {task.unplaced ? <span className="task-tag is-warn">{t('task.unplaced')}</span> : null}
            <span className="small faint task-line">
              {task.purpose === 'extension' ? t('task.extension') : label(task.step.label)}
              {task.action ? ` · ${label(task.action)}` : ''}
              {task.handedTo ? ` → ${task.handedTo.name}` : ''}
            </span>
          </span>
          <span className="small faint nowrap">
            {task.endedAt ? (
              formatDuration(Math.max(1_000, Date.parse(task.endedAt) - Date.parse(task.beganAt)), language)
            ) : (
              <RelativeTime time={task.beganAt} />
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

const lastVisit = (page: TicketPage): number =>
  Math.max(0, ...page.tasks.filter(({ step }) => step.id === page.step.id).map(({ visit }) => visit));
