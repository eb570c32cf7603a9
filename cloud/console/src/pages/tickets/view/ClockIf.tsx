import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ticketQuery } from '../../../api/tickets.js';
import { askTicket, type TicketIf, type TicketWhatIf } from '../../../api/what-if.js';
import { formatStamp } from '../../../format/time.js';
import { useLabel } from '../../../i18n/use-language.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { ErrorState } from '../../../ui/states.js';
import { MinutesField } from '../work/MinutesField.js';
import { RefusedWord } from '../work/RefusedWord.js';
import { refusalOf } from '../work/refusal.js';
import './clock-if.css';
import { pickedInstant, pickerOf } from '../../../format/picker-time.js';

/** “If”: what another level, a longer time or a pause would make of the clocks; nothing is done. */
export function ClockIf({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation(['whatIf', 'tickets']);
  const label = useLabel();
  const { data: page } = useQuery(ticketQuery(ticketId));
  const [what, setWhat] = useState<TicketIf>({});
  const ask = useMutation({ mutationFn: (asked: TicketIf) => askTicket(ticketId, asked) });
  const refused = refusalOf(ask.error);
  if (!page || page.status === 'ended') return null;
  const { levels, extension, suspendedState } = page.document;
  const others = levels.filter(({ id }) => id !== page.level?.id);
  const mayPause = suspendedState !== undefined && page.status === 'running';
  if (others.length === 0 && !extension && !mayPause) return null;
  const set = (patch: { [K in keyof TicketIf]?: TicketIf[K] | undefined }) => {
    ask.reset();
    const known = Object.entries({ ...what, ...patch }).filter(([, value]) => value !== undefined && value !== 0);
    setWhat(Object.fromEntries(known));
  };
  return (
    <details className="clock-if small">
      <summary>{t('if.title')}</summary>
      <div className="stack clock-if-form">
        {others.length > 0 ? (
          <div className="row row-wrap">
            <label className="clock-if-what" htmlFor="clock-if-level">
              {t('if.level')}
            </label>
            <Select
              id="clock-if-level"
              allowClear
              className="grow"
              value={what.level ?? null}
              placeholder={t('if.asItIs')}
              options={others.map((one) => ({ value: one.id, label: label(one.label) }))}
              onChange={(level) => set({ level: level ?? undefined })}
            />
          </div>
        ) : null}
        {extension ? (
          <div className="row row-wrap">
            <label className="clock-if-what" htmlFor="clock-if-longer">
              {t('if.longer')}
            </label>
            <MinutesField
              id="clock-if-longer"
              most={extension.maxMinutes}
              value={what.extendMinutes}
              onChange={(extendMinutes) => set({ extendMinutes })}
            />
          </div>
        ) : null}
        {mayPause ? (
          <div className="row row-wrap">
            <label className="clock-if-what" htmlFor="clock-if-paused">
              {t('if.paused')}
            </label>
            <DatePicker
              id="clock-if-paused"
              showTime={{ format: 'HH:mm' }}
              format="YYYY-MM-DD HH:mm"
              minDate={pickerOf(Date.now())}
              value={what.suspendUntil === undefined ? null : pickerOf(what.suspendUntil)}
              onChange={(at) => set({ suspendUntil: at ? pickedInstant(at) : undefined })}
            />
          </div>
        ) : null}
        <Button
          size="small"
          className="clock-if-ask"
          disabled={Object.keys(what).length === 0}
          loading={ask.isPending}
          onClick={() => ask.mutate(what)}
        >
          {t('if.ask')}
        </Button>
        {refused ? (
          <RefusedWord refused={refused} document={page.document} />
        ) : ask.error ? (
          <ErrorState error={ask.error} compact />
        ) : null}
        {ask.data ? <Told told={ask.data} /> : null}
      </div>
    </details>
  );
}

const short = (at: string | null | undefined): string | undefined => (at ? formatStamp(at).slice(5, 16) : undefined);

function Told({ told }: { told: TicketWhatIf }) {
  const { t } = useTranslation('whatIf');
  const label = useLabel();
  return (
    <ul className="clock-if-told" aria-live="polite">
      {told.items.map(({ before, after, move }) => {
        const clock = after ?? before;
        if (!clock) return null;
        const stands = move === 'stays';
        return (
          <li key={`${clock.clock} ${clock.run}`} className="row row-wrap">
            <span className="clock-if-what">{label(clock.label)}</span>
            <span className={stands ? 'faint' : undefined}>
              {stands
                ? t('if.stays', { time: short(after?.dueAt) ?? t('noDue') })
                : `${short(before?.dueAt) ?? t('noDue')} → ${short(after?.dueAt) ?? t('noDue')}`}
            </span>
            {after?.light === 'red' && before?.light !== 'red' ? (
              <StatusMark tone="bad" shape="diamond" word={t('breaksOne')} />
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}
