import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type KindPage, kindQuery, kindVersionQuery, migrateTickets } from '../../../api/ticket-kinds.js';
import { Section } from '../../../ui/Page.js';
import { FormProblem } from '../../parts/FormProblem.js';
import { Labelled } from '../parts/Labelled.js';
import { StepMap, stepsGone } from './StepMap.js';

/** Takes running tickets of an older version to the published one: first what would happen, then that it does. */
export function MoveTickets({ page, published }: { page: KindPage; published: number }) {
  const { t } = useTranslation('ticketKinds');
  const { message } = App.useApp();
  const client = useQueryClient();
  const older = page.versions.filter(({ version, tickets }) => version !== published && tickets > 0);
  const [chosen, setFrom] = useState<number>();
  // A version that all were moved from is not offered any more.
  const from = older.some(({ version }) => version === chosen) ? chosen : older[0]?.version;
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
  const gone = stepsGone(a.data?.document.steps ?? [], next);
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
        <StepMap
          gone={gone}
          next={next}
          steps={steps}
          onChange={(to) => {
            setSteps(to);
            move.reset();
          }}
        />
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
