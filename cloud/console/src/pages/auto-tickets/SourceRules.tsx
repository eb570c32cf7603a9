import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  deleteRule,
  draftOfRule,
  type IntakeRule,
  intakeRulesQuery,
  intakeSourcesQuery,
  saveRule,
} from '../../api/auto-tickets.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { useAlgorithmName } from '../video/use-algorithm-name.js';
import { HintList } from './HintList.js';
import { RuleCard } from './RuleCard.js';
import { RuleSection } from './RuleSection.js';
import { SourceRuleForm } from './SourceRuleForm.js';

const outcomes = ['opened', 'joined', 'counted', 'held', 'failed'] as const;

/** Findings of cameras, answers and other events become tickets. */
export function SourceRules() {
  const { t } = useTranslation(['autoTickets', 'common']);
  const label = useLabel();
  const may = useRights();
  const client = useQueryClient();
  const algorithmName = useAlgorithmName();
  const { message } = App.useApp();
  const query = useQuery(intakeRulesQuery);
  const sources = useQuery(intakeSourcesQuery);
  const [editing, setEditing] = useState<IntakeRule | 'new'>();
  const mayWrite = may('ticketkind.write');
  const settle = () => void client.invalidateQueries({ queryKey: ['intake-rules'] });
  const toggle = useMutation({
    mutationFn: ({ rule, enabled }: { rule: IntakeRule; enabled: boolean }) =>
      saveRule({ ...draftOfRule(rule), enabled }, rule),
    onSuccess: () => void message.success(t('saved')),
    onSettled: settle,
  });
  const remove = useMutation({
    mutationFn: deleteRule,
    onSuccess: () => void message.success(t('removed')),
    onSettled: settle,
  });
  const sourceOf = (id: string) => sources.data?.find((one) => one.id === id);
  const whatOf = ({ source, match, kind, kindLabel, hallName }: IntakeRule): string => {
    const about = sourceOf(source);
    const parts = [
      label(about?.label) || source,
      about?.asksAnswers ? t(`source.worst.${worstOf(match.worst)}`) : null,
      about?.feed === 'finding' ? t(`source.${match.when}`) : null,
      match.fromSeverity ? t('source.from', { severity: t(`common:severity.${match.fromSeverity}`) }) : null,
      match.algorithms?.length ? match.algorithms.map(algorithmName).join('、') : null,
      hallName ?? t('allHalls'),
    ];
    return `${parts.filter((part) => part !== null).join(' · ')} → ${label(kindLabel) || kind}`;
  };
  return (
    <RuleSection
      title={t('source.title')}
      hint={t('source.hint')}
      query={query}
      add={mayWrite ? { text: t('add'), first: t('add'), start: () => setEditing('new') } : undefined}
      none={{ icon: 'camera', title: t('source.none'), hint: t('source.noneHint') }}
      error={toggle.error ?? remove.error}
      card={(rule) => (
        <RuleCard
          key={rule.id}
          name={rule.name}
          what={whatOf(rule)}
          numbers={[
            ...(rule.count > 1 ? [t('source.counted', { minutes: rule.withinMinutes, count: rule.count })] : []),
            rule.mergeMinutes === 0 ? t('source.mergeNone') : t('source.merge', { minutes: rule.mergeMinutes }),
            t('source.most', { count: rule.mostPerHour }),
          ]}
          enabled={rule.enabled}
          busy={toggle.isPending || remove.isPending}
          mayWrite={mayWrite}
          onSwitch={(enabled) => toggle.mutate({ rule, enabled })}
          onEdit={() => setEditing(rule)}
          onRemove={() => remove.mutateAsync(rule).catch(() => undefined)}
        >
          <HintList hints={rule.hints} />
          <div className="auto-lately small">
            <span className="faint">{t('source.lately')}</span>
            {outcomes
              .filter((one) => rule.lately[one] > 0 || one === 'opened')
              .map((one) => (
                <span key={one} className={one === 'held' || one === 'failed' ? 'auto-bad' : ''}>
                  {t(`outcome.${one}`)} <b>{rule.lately[one]}</b>
                </span>
              ))}
            <span className="faint">
              {t('source.last')} {rule.lastAt ? <RelativeTime time={rule.lastAt} /> : t('source.never')}
            </span>
          </div>
        </RuleCard>
      )}
    >
      {editing ? (
        <SourceRuleForm
          rule={editing === 'new' ? undefined : editing}
          sources={sources.data ?? []}
          onClose={() => setEditing(undefined)}
        />
      ) : null}
    </RuleSection>
  );
}

const worstOf = (worst: number | undefined): '1' | '2' | '3' => (worst === 1 ? '1' : worst === 3 ? '3' : '2');
