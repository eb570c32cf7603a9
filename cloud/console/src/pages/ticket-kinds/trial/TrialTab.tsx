import {
  CalendarReader,
  type DriedStep,
  type DryOffer,
  type DryScript,
  type DryStep,
  dryRun,
  type TicketKind,
} from '@hallhub/shared/ticket';
import { useQueries } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calendarQuery } from '../../../api/calendars.js';
import { useLabel } from '../../../i18n/use-language.js';
import { HeldButton } from '../../../ui/HeldButton.js';
import { Icon } from '../../../ui/icons.js';
import { Section } from '../../../ui/Page.js';
import { Empty } from '../../../ui/states.js';
import { useDesigner } from '../draft/designer.js';
import { FlowDrawing } from '../flow/FlowDrawing.js';
import { Labelled } from '../parts/Labelled.js';
import { sampleValue } from './sample-value.js';
import { TrialClocks } from './TrialClocks.js';
import { TrialForm } from './TrialForm.js';
import { usePartyName } from './use-party-name.js';

/** Plays the draft in a made-up organisation: nothing is stored, nobody is told. */
export function TrialTab() {
  const { t } = useTranslation('ticketKinds');
  const { kind, faults } = useDesigner();
  const [script, setScript] = useState<DryScript>([]);
  const readers = useReaders(kind);
  const wrong = faults.filter(({ severity }) => severity === 'error').length;
  const run = useMemo(() => {
    if (wrong > 0 || script.length === 0) return undefined;
    return dryRun(kind, script, { calendars: readers });
  }, [kind, script, readers, wrong]);
  if (wrong > 0)
    return <Empty icon="pending" title={t('trial.faulty', { count: wrong })} hint={t('trial.faultyHint')} />;
  const last = run?.steps.at(-1);
  const refused = last?.refusal;
  const play = (step: DryStep) => setScript((was) => [...(refused ? was.slice(0, -1) : was), step]);
  return (
    <div className="stack">
      <FlowDrawing kind={kind} been={last?.state.visits.map(({ step }) => step) ?? []} selected={last?.state.step} />
      <div className="tk-trial">
        <Section title={t('trial.next')}>
          {!run || !last ? (
            <Begin kind={kind} onBegin={play} />
          ) : last.state.status === 'ended' ? (
            <p className="soft">{t(`trial.ended.${last.state.outcome ?? 'closed'}`)}</p>
          ) : (
            <Offers key={script.length} offers={run.offers} state={last.state} parties={run.parties} onPlay={play} />
          )}
          {last && last.state.status !== 'ended' ? <OpenBegun kind={kind} state={last.state} onPlay={play} /> : null}
          {refused ? (
            <p className="problem-inline" role="alert">
              {t('trial.refused', { why: t(`refusal.${refused.code}`) })}
            </p>
          ) : null}
          {script.length > 0 ? (
            <div className="row tk-trial-acts">
              <Button
                size="small"
                icon={<Icon name="undo" size={14} />}
                onClick={() => setScript((was) => was.slice(0, -1))}
              >
                {t('trial.back')}
              </Button>
              <Button size="small" type="text" onClick={() => setScript([])}>
                {t('trial.again')}
              </Button>
            </div>
          ) : null}
        </Section>
        <Section title={t('trial.history')}>
          {run ? <History steps={run.steps} script={script} /> : <p className="faint small">{t('trial.nothing')}</p>}
        </Section>
        <Section title={t('tabs.clocks')}>
          {last ? (
            <TrialClocks kind={kind} runs={last.clocks} at={last.at} />
          ) : (
            <p className="faint small">{t('trial.nothing')}</p>
          )}
        </Section>
      </div>
    </div>
  );
}

/** The calendars that the draft's promises count by. */
function useReaders(kind: TicketKind): ReadonlyMap<string, CalendarReader> {
  const codes = [...new Set(kind.clocks.flatMap(({ targets }) => targets.map(({ calendar }) => calendar)))].filter(
    (one) => one !== 'always',
  );
  const queries = useQueries({ queries: codes.map((code) => calendarQuery(code)) });
  const stamp = queries.map(({ data }) => `${data?.code} ${data?.version}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when one of them is another
  return useMemo(
    () =>
      new Map(queries.flatMap(({ data }) => (data ? [[data.code, new CalendarReader(data.document)] as const] : []))),
    [stamp],
  );
}

function Begin({ kind, onBegin }: { kind: TicketKind; onBegin: (step: DryStep) => void }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const [level, setLevel] = useState<string | null>(kind.levels[0]?.id ?? null);
  const title = kind.fields.find(({ key }) => key === kind.title);
  return (
    <div className="tk-form">
      {kind.levels.length > 0 ? (
        <Labelled label={t('general.levels')}>
          {(id) => (
            <Select
              id={id}
              value={level}
              options={kind.levels.map((one) => ({ value: one.id, label: label(one.label) }))}
              onChange={setLevel}
            />
          )}
        </Labelled>
      ) : null}
      <div className="tk-row tk-row-wide">
        <div>
          <Button
            type="primary"
            onClick={() =>
              onBegin({
                as: 'somebody',
                make: {
                  fields: title ? { [title.key]: sampleValue(title, t('trial.words')) as string } : {},
                  level,
                  source: 'console',
                },
              })
            }
          >
            {t('trial.make')}
          </Button>
        </div>
      </div>
    </div>
  );
}

interface OffersProps {
  offers: readonly DryOffer[];
  state: DriedStep['state'];
  parties: Parameters<typeof usePartyName>[0];
  onPlay: (step: DryStep) => void;
}

function Offers({ offers, state, parties, onPlay }: OffersProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const nameOf = usePartyName(parties);
  const [chosen, setChosen] = useState<number>();
  const offer = chosen === undefined ? undefined : offers[chosen];
  const sayings = new Map<string, { offer: DryOffer; index: number }[]>();
  offers.forEach((one, index) => {
    sayings.set(one.as, [...(sayings.get(one.as) ?? []), { offer: one, index }]);
  });
  return (
    <div className="stack">
      {[...sayings].map(([as, some]) => (
        <div key={as} className="stack tk-offers">
          <span className="soft small">{t('trial.as', { who: nameOf(as) })}</span>
          <div className="row row-wrap">
            {some.map(({ offer: one, index }) => (
              <HeldButton
                key={index}
                size="small"
                type={index === chosen ? 'primary' : 'default'}
                why={one.do === 'split' || one.do === 'removeSigners' ? t('trial.notHere') : undefined}
                onClick={() => setChosen(index)}
              >
                {one.action
                  ? label(one.action.label)
                  : t(`trial.do.${one.do as 'sign' | 'resume' | 'decideExtension'}`)}
              </HeldButton>
            ))}
          </div>
        </div>
      ))}
      {offer ? (
        <TrialForm key={chosen} offer={offer} state={state} onPlay={onPlay} />
      ) : (
        <p className="faint small">{t('trial.choose')}</p>
      )}
    </div>
  );
}

/** Other tickets that the trial began: nobody plays them, they are only ended. */
function OpenBegun({
  kind,
  state,
  onPlay,
}: {
  kind: TicketKind;
  state: DriedStep['state'];
  onPlay: (step: DryStep) => void;
}) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const begun = (state.begun ?? []).filter((one) => one.state === 'open');
  if (begun.length === 0) return null;
  return (
    <div className="stack tk-offers">
      <span className="soft small">{t('trial.begunOpen')}</span>
      {begun.map(({ of, rule }) => (
        <div key={of} className="row row-wrap">
          <span>{label(kind.begins.find(({ id }) => id === rule)?.label) || rule}</span>
          <Button size="small" onClick={() => onPlay({ as: 'platform', afterMinutes: 0, endBegun: of })}>
            {t('trial.do.endBegun')}
          </Button>
        </div>
      ))}
    </div>
  );
}

function History({ steps, script }: { steps: readonly DriedStep[]; script: DryScript }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind } = useDesigner();
  const nameOf = usePartyName({});
  const stepOf = (id: string) => label(kind.steps.find((one) => one.id === id)?.label) || id;
  const beginOf = (id: string) => label(kind.begins.find((one) => one.id === id)?.label) || id;
  const did = (step: DryStep | undefined): string => {
    if (!step || 'make' in step) return t('trial.made');
    if ('endBegun' in step) return t('trial.do.endBegun');
    const { do: what, action } = step.command as { do?: string; action?: string };
    const named = kind.steps.flatMap(({ actions }) => actions).find(({ id }) => id === action);
    if (named) return label(named.label);
    return t(`act.${what as 'transfer'}`, {
      defaultValue: t(`trial.do.${what as 'sign'}`, { defaultValue: String(what) }),
    });
  };
  return (
    <ol className="tk-history">
      {steps.map((step, i) => {
        const before = steps[i - 1];
        const hours = before ? Math.round((step.at - before.at) / 60_000) : 0;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: history only grows
          <li key={i} className={step.refusal ? 'is-refused' : undefined}>
            <span className="soft">{nameOf(step.as)}</span> {did(script[i])}
            {step.refusal ? <span className="problem-inline"> · {t(`refusal.${step.refusal.code}`)}</span> : null}
            {!step.refusal && step.state.step !== before?.state.step ? (
              <span className="faint"> → {stepOf(step.state.step)}</span>
            ) : null}
            {step.lines.map((line) =>
              line.type === 'begin_wanted' ? (
                <span key={line.seq} className="faint">
                  {' · '}
                  {t('trial.begins', { name: beginOf(line.rule) })}
                </span>
              ) : null,
            )}
            {hours > 0 ? <span className="faint small"> · {t('trial.after', { minutes: hours })}</span> : null}
          </li>
        );
      })}
    </ol>
  );
}
