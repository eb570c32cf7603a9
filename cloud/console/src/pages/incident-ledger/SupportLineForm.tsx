import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, InputNumber } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type SupportLineDay, writeSupportLine } from '../../api/incidents.js';
import { FormProblem } from '../parts/FormProblem.js';

interface SupportLineFormProps {
  /** Days that may be written: of the period that is shown, so that what stands already is seen. It begins with the last. */
  first: string;
  last: string;
  /** What stands already is put right. */
  written: readonly SupportLineDay[];
}

type Figures = Pick<SupportLineDay, 'note'> & { offered: number | null; answered: number | null };
const nothing: Figures = { offered: null, answered: null, note: null };

/** The calls of a day, written or put right. */
export function SupportLineForm({ first, last, written }: SupportLineFormProps) {
  const { t } = useTranslation('incidents');
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [day, setDay] = useState(last);
  const [typed, setTyped] = useState<Partial<Figures>>({});
  const known = written.find((one) => one.day === day);
  const { offered, answered, note } = { ...nothing, ...known, ...typed };
  const type = (patch: Partial<Figures>) => setTyped((was) => ({ ...was, ...patch }));
  const isWrong = offered !== null && answered !== null && answered > offered;
  const save = useMutation({
    mutationFn: () =>
      writeSupportLine({
        ...{ day, offered: offered ?? 0, answered: answered ?? 0 },
        ...(note?.trim() ? { note: note.trim() } : {}),
      }),
    onSuccess: async () => {
      void message.success(t('line.written', { day }));
      await client.invalidateQueries({ queryKey: ['tickets', 'incidents'] });
      setTyped({});
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
          {...{ min: first, max: last, value: day }}
          onChange={(event) => {
            setDay(event.target.value);
            setTyped({});
          }}
        />
      </Labelled>
      <Labelled id={`${id}-offered`} label={t('line.offered')}>
        <InputNumber
          id={`${id}-offered`}
          {...{ min: 0, max: mostCalls, precision: 0, value: offered }}
          onChange={(next) => type({ offered: next })}
        />
      </Labelled>
      <Labelled id={`${id}-answered`} label={t('line.answered')}>
        <InputNumber
          id={`${id}-answered`}
          {...{ min: 0, max: mostCalls, precision: 0, value: answered }}
          onChange={(next) => type({ answered: next })}
          {...(isWrong ? { status: 'error', 'aria-invalid': true, 'aria-describedby': `${id}-wrong` } : {})}
        />
      </Labelled>
      <Labelled id={`${id}-note`} label={t('line.note')}>
        <Input
          id={`${id}-note`}
          maxLength={200}
          value={note ?? ''}
          onChange={(event) => type({ note: event.target.value })}
        />
      </Labelled>
      <Button
        htmlType="submit"
        loading={save.isPending}
        disabled={!day || offered === null || answered === null || isWrong}
      >
        {t(known ? 'line.putRight' : 'line.write')}
      </Button>
      {isWrong ? (
        <p id={`${id}-wrong`} role="alert" className="problem-inline">
          {t('line.tooMany')}
        </p>
      ) : null}
      <FormProblem error={save.error} />
    </form>
  );
}

const mostCalls = 10_000_000;

function Labelled({ id, label, children }: { id: string; label: string; children: ReactNode }) {
  return (
    <div className="incidents-labelled">
      <label htmlFor={id}>{label}</label>
      {children}
    </div>
  );
}
