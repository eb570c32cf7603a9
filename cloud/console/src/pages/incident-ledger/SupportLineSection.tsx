import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, InputNumber } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type SupportLine, writeSupportLine } from '../../api/incidents.js';
import { useRights } from '../../app/session.js';
import { today } from '../../format/page-zone.js';
import { Section } from '../../ui/Page.js';
import { FormProblem } from '../parts/FormProblem.js';
import { LedgerSheet } from './LedgerSheet.js';

type Calls = Pick<SupportLine, 'offered' | 'answered'>;

/** One decimal, never rounded up to the aim. */
const shareOf = ({ offered, answered }: Calls): string =>
  offered === 0 ? '–' : `${(Math.floor((answered / offered) * 1_000) / 10).toFixed(1)} %`;

/** Calls to the support line: how many were answered, beside the aim and the period before; a day's figures are written here. */
export function SupportLineSection({ line, lastDay }: { line: SupportLine; lastDay: string }) {
  const { t } = useTranslation('incidents');
  const may = useRights();
  const isShort = line.offered > 0 && line.answered < line.aim * line.offered;
  const aim = Math.round(line.aim * 100);
  return (
    <Section title={t('line.title')}>
      <dl className="incidents-figures incidents-line">
        <div>
          <dt>{t('line.rate')}</dt>
          <dd className={isShort ? 'is-short' : undefined}>
            {shareOf(line)}
            <small>
              {t(isShort ? 'line.short' : 'line.aim', { aim })} · {t('before', { value: shareOf(line.before) })}
            </small>
          </dd>
        </div>
        <div>
          <dt>{t('line.offered')}</dt>
          <dd>
            {line.offered}
            <small>{t('before', { value: line.before.offered })}</small>
          </dd>
        </div>
        <div>
          <dt>{t('line.answered')}</dt>
          <dd>
            {line.answered}
            <small>{t('before', { value: line.before.answered })}</small>
          </dd>
        </div>
      </dl>
      {line.days.length > 0 ? (
        <LedgerSheet
          head={[t('line.day'), t('line.offered'), t('line.answered'), t('line.rate'), t('line.note')]}
          rows={line.days.map((one) => [
            ...[one.day, String(one.offered), String(one.answered), shareOf(one)],
            one.note ?? '',
          ])}
        />
      ) : (
        <p className="incidents-faults faint">{t('line.none')}</p>
      )}
      {may('ticket.supervise') ? <DayForm key={lastDay} day={lastDay < today() ? lastDay : today()} /> : null}
    </Section>
  );
}

function DayForm({ day: first }: { day: string }) {
  const { t } = useTranslation('incidents');
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [day, setDay] = useState(first);
  const [offered, setOffered] = useState<number | null>(null);
  const [answered, setAnswered] = useState<number | null>(null);
  const [note, setNote] = useState('');
  const isWrong = offered !== null && answered !== null && answered > offered;
  const save = useMutation({
    mutationFn: () =>
      writeSupportLine({
        ...{ day, offered: offered ?? 0, answered: answered ?? 0 },
        ...(note.trim() ? { note: note.trim() } : {}),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['tickets', 'incidents'] });
      void message.success(t('line.written', { day }));
      setOffered(null);
      setAnswered(null);
      setNote('');
    },
  });
  return (
    <form
      className="row row-wrap incidents-day"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Labelled id={`${id}-day`} label={t('line.day')}>
        <Input
          id={`${id}-day`}
          type="date"
          required
          value={day}
          max={today()}
          onChange={(event) => setDay(event.target.value)}
        />
      </Labelled>
      <Labelled id={`${id}-offered`} label={t('line.offered')}>
        <InputNumber id={`${id}-offered`} min={0} precision={0} value={offered} onChange={setOffered} />
      </Labelled>
      <Labelled id={`${id}-answered`} label={t('line.answered')}>
        <InputNumber
          id={`${id}-answered`}
          min={0}
          precision={0}
          value={answered}
          onChange={setAnswered}
          {...(isWrong ? { status: 'error' } : {})}
        />
      </Labelled>
      <Labelled id={`${id}-note`} label={t('line.note')}>
        <Input id={`${id}-note`} maxLength={200} value={note} onChange={(event) => setNote(event.target.value)} />
      </Labelled>
      <Button
        htmlType="submit"
        loading={save.isPending}
        disabled={!day || offered === null || answered === null || isWrong}
      >
        {t('line.write')}
      </Button>
      {isWrong ? (
        <p role="alert" className="problem-inline">
          {t('line.tooMany')}
        </p>
      ) : null}
      <FormProblem error={save.error} />
    </form>
  );
}

function Labelled({ id, label, children }: { id: string; label: string; children: ReactNode }) {
  return (
    <div className="incidents-labelled">
      <label htmlFor={id}>{label}</label>
      {children}
    </div>
  );
}
