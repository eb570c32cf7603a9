import { useMutation, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindQuery, kindVersionQuery } from '../../../api/ticket-kinds.js';
import { askKind } from '../../../api/what-if.js';
import { useZone } from '../../../app/use-place.js';
import { HeldButton } from '../../../ui/HeldButton.js';
import { Section } from '../../../ui/Page.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { WhatIfTold } from '../../calendars/WhatIfTold.js';
import { FormProblem } from '../../parts/FormProblem.js';
import { useDesigner } from '../draft/designer.js';
import { StepMap, stepsGone } from './StepMap.js';

/** What the clocks of running tickets would be if they went on by the draft as it stands here; nothing is stored. */
export function KindWhatIf() {
  const { t } = useTranslation(['whatIf', 'ticketKinds']);
  const { kind, faults, mayWrite } = useDesigner();
  const zone = useZone();
  const page = useQuery(kindQuery(kind.code)).data;
  const published = page?.published?.version;
  const old = useQuery({ ...kindVersionQuery(kind.code, published ?? 0), enabled: published !== undefined });
  const [steps, setSteps] = useState<Record<string, string>>({});
  const answer = useRef<HTMLDivElement>(null);
  const ask = useMutation({
    mutationFn: async () => ({
      ...{ of: kind, versions: page?.versions },
      told: await askKind(kind.code, { document: kind, steps }),
    }),
    // The answer stands below a long form.
    onSuccess: () => requestAnimationFrame(() => answer.current?.scrollIntoView({ block: 'nearest' })),
  });
  if (!mayWrite || !page?.published) return null;
  const running = page.versions.reduce((sum, { tickets }) => sum + tickets, 0);
  const isFaulty = faults.some(({ severity }) => severity === 'error');
  const notYet = running === 0 ? t('kind.noTickets') : isFaulty ? t('kind.faulty') : undefined;
  // Of tickets that were moved since, or begun by a new version, it says nothing any more.
  const told = ask.data?.versions === page.versions ? ask.data.told : undefined;
  return (
    <Section title={t('kind.title')}>
      <div className="stack">
        <p className="soft small">{t('kind.lead')}</p>
        <div className="tk-form">
          <StepMap
            gone={stepsGone(old.data?.document.steps ?? [], kind.steps)}
            next={kind.steps}
            steps={steps}
            onChange={(to) => {
              setSteps(to);
              ask.reset();
            }}
          />
        </div>
        <div className="row row-wrap">
          <HeldButton why={notYet} loading={ask.isPending} onClick={() => ask.mutate()}>
            {t('if.ask')}
          </HeldButton>
          <span className="soft small">{notYet ?? t('kind.running', { count: running })}</span>
        </div>
        <FormProblem error={ask.error} />
        {told ? (
          <div role="status" className="stack" ref={answer}>
            {ask.data?.of === kind ? null : <StatusMark tone="warn" shape="triangle" word={t('kind.stale')} />}
            {told.tickets === 0 && told.refused === 0 && !told.isCut ? (
              <p>{t('kind.same', { count: told.clocks })}</p>
            ) : (
              <WhatIfTold told={told} zone={zone} />
            )}
          </div>
        ) : null}
      </div>
    </Section>
  );
}
