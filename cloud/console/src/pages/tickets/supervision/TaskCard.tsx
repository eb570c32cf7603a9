import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { SupervisedTask } from '../../../api/supervision.js';
import { useLabel } from '../../../i18n/use-language.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { type StatusLook, StatusMark } from '../../../ui/StatusMark.js';
import { RowDue, StateMark, TroubleMarks } from '../marks.js';
import type { Press } from '../PressDialog.js';

const partyLooks: Record<SupervisedTask['parties'][number]['state'], StatusLook> = {
  waiting: { tone: 'quiet', shape: 'dashed' },
  open: { tone: 'warn', shape: 'ring' },
  signed: { tone: 'accent', shape: 'half' },
  done: { tone: 'quiet', shape: 'check' },
};

interface TaskCardProps {
  task: SupervisedTask;
  isOpen: boolean;
  onOpen: () => void;
  onPress: (press: Press) => void;
}

/** One supervised task: what, by when, who carries it out, how far they are, and what the leader said. */
export function TaskCard({ task, isOpen, onOpen, onPress }: TaskCardProps) {
  const { t } = useTranslation(['supervision', 'tickets']);
  const label = useLabel();
  const { ticket, percent, instructed, reported } = task;
  const isOver = ticket.status === 'ended';
  const facts = [
    label(ticket.level?.label),
    label(task.basis),
    task.dueOn && !isOver ? t('dueOn', { day: task.dueOn }) : '',
    task.children.of > 0 ? t('children', task.children) : '',
    task.extended > 0 ? t('extended', { count: task.extended }) : '',
    task.contact ? t('contact', { name: task.contact }) : '',
  ].filter(Boolean);
  const told = [
    ...(isOver && task.result ? [[t('result'), task.result] as const] : []),
    ...(isOver && task.verdict ? [[t('verdict'), label(task.verdict)] as const] : []),
    ...(task.obstacles && !isOver ? [[t('obstacles'), task.obstacles] as const] : []),
    ...(task.nextSteps && !isOver ? [[t('nextSteps'), task.nextSteps] as const] : []),
  ];
  return (
    <article className={isOpen ? 'task-card card is-open' : 'task-card card'} aria-label={ticket.title}>
      <div className="row row-wrap">
        <button type="button" className="text-button task-title" aria-expanded={isOpen} onClick={onOpen}>
          {ticket.title || t('tickets:untitled')}
        </button>
        <StateMark state={ticket.state} />
        <RowDue row={ticket} />
      </div>
      <p className="small soft">
        <code>{ticket.number}</code>
        {[...new Set(facts)].map((fact) => (
          <span key={fact}>
            {' · '}
            <span className="task-fact">{fact}</span>
          </span>
        ))}{' '}
        <TroubleMarks row={ticket} />
      </p>
      {task.requirement && !isOver ? (
        <p className="task-words" title={task.requirement}>
          <span className="soft">{t('requirement')}</span> {task.requirement}
        </p>
      ) : null}
      <div className="task-progress">
        <progress max={100} value={percent ?? 0} aria-label={t('percent')} />
        <span className="task-percent">{percent === null ? '—' : `${percent} %`}</span>
      </div>
      {task.progress ? (
        <p className="task-words" title={task.progress}>
          {task.progress}{' '}
          {reported ? (
            <span className="faint small">
              {t('reported', { by: reported.by })} <RelativeTime time={reported.at} />
            </span>
          ) : null}
        </p>
      ) : isOver ? null : (
        <p className="faint">{t('noReport')}</p>
      )}
      {told.map(([name, words]) => (
        <p key={name} className="task-words small" title={words}>
          <span className="soft">{name}</span> {words}
        </p>
      ))}
      {instructed ? (
        <p className="task-words task-instruction small" title={instructed.words}>
          <span className="soft">
            {t('instructed', { by: instructed.by })}
            {instructed.times > 1 ? ` · ${t('instructions', { count: instructed.times })}` : ''}
          </span>{' '}
          {instructed.words}
        </p>
      ) : null}
      <div className="row row-wrap task-foot">
        <ul className="task-parties" aria-label={t('parties')}>
          {task.parties.map((party) => (
            <li key={party.id}>
              <StatusMark
                {...partyLooks[party.state]}
                word={`${party.lead ? t('leads', { name: party.name }) : party.name} ${t(`party.${party.state}`)}`}
              />
            </li>
          ))}
        </ul>
        {isOver ? null : (
          <span className="row task-presses">
            {(['remind', 'instruct'] as const).map((one) => (
              <Button key={one} size="small" onClick={() => onPress(one)}>
                {t(`tickets:do.${one}`)}
              </Button>
            ))}
          </span>
        )}
      </div>
    </article>
  );
}
