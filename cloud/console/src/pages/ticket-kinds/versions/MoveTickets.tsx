import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type KindPage, kindQuery, kindVersionQuery, migrateTickets } from '../../../api/ticket-kinds.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Section } from '../../../ui/Page.js';
import { FormProblem } from '../../parts/FormProblem.js';
import { Labelled } from '../parts/Labelled.js';

/** Takes running tickets of an older version to the published one: first what would happen, then that it does. */
export function MoveTickets({ page, published }: { page: KindPage; published: number }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const older = page.versions.filter(({ version, tickets }) => version !== published && tickets > 0);
  const [from, setFrom] = useState(older[0]?.version);
  const [steps, setSteps] = useState<Record<string, string>>({});
  const a = useQuery({ ...kindVersionQuery(page.code, from ?? 0), enabled: from !== undefined });
  const b = useQuery({ ...kindVersionQuery(page.code, published), enabled: from !== undefined });
  const move = useMutation({
    mutationFn: (dryRun: boolean) => migrateTickets(page.code, { from: from ?? 0, to: published, steps, dryRun }),
    onSuccess: (answer) => {
      if (answer.dryRun) return;
      void message.success(t('move.done', { count: answer.moved }));
      void client.invalidateQueries({ queryKey: kindQuery(page.code).queryKey });
    },
  });
  if (older.length === 0) return null;
  const next = b.data?.document.steps ?? [];
  const gone = (a.data?.document.steps ?? []).filter(
    ({ id, end }) => end === undefined && !next.some((one) => one.id === id),
  );
  const answer = move.data;
  return (
    <Section title={t('move.title')}>
      <div className="tk-form">
        <p className="tk-row tk-row-wide soft small">{t('move.lead', { n: published })}</p>
        <Labelled label={t('diff.from')}>
          {(id) => (
            <Select<number>
              id={id}
              value={from ?? null}
              options={older.map(({ version, tickets }) => ({
                value: version,
                label: `${t('versions.n', { n: version })} · ${t('versions.tickets', { count: tickets })}`,
              }))}
              onChange={(version) => {
                setFrom(version);
                setSteps({});
                move.reset();
              }}
            />
          )}
        </Labelled>
        {gone.map((step) => (
          <Labelled key={step.id} label={t('move.step', { name: label(step.label) })}>
            {(id) => (
              <Select
                id={id}
                allowClear
                value={steps[step.id] ?? null}
                placeholder={t('move.stays')}
                options={next
                  .filter(({ end }) => end === undefined)
                  .map((one) => ({ value: one.id, label: label(one.label) }))}
                onChange={(to: string | null) => {
                  const { [step.id]: _, ...rest } = steps;
                  setSteps(to ? { ...rest, [step.id]: to } : rest);
                  move.reset();
                }}
              />
            )}
          </Labelled>
        ))}
        <div className="tk-row tk-row-wide">
          <div className="row">
            <Button loading={move.isPending} onClick={() => move.mutate(true)}>
              {t('move.look')}
            </Button>
            {answer?.dryRun && answer.moved > 0 ? (
              <Button danger loading={move.isPending} onClick={() => move.mutate(false)}>
                {t('move.go', { count: answer.moved })}
              </Button>
            ) : null}
          </div>
        </div>
        <FormProblem error={move.error} />
        {answer ? (
          <div className="tk-row tk-row-wide" role="status">
            <p>{t(answer.dryRun ? 'move.would' : 'move.done', { count: answer.moved })}</p>
            {answer.refusedCount > 0 ? (
              <p className="problem-inline">{t('move.refused', { count: answer.refusedCount })}</p>
            ) : null}
            <ul className="tk-used">
              {answer.refused.map((one) => (
                <li key={one.ticketId}>
                  {one.number}{' '}
                  <span className="faint small">
                    {one.obstacles
                      .map(({ code }) => t(`obstacle.${code as 'ended'}`, { defaultValue: code }))
                      .join(' · ')}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
    </Section>
  );
}
