import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RepairRule, repairLogQuery, repairRulesQuery, saveRepairRules } from '../../api/auto-tickets.js';
import { kindsQuery } from '../../api/ticket-kinds.js';
import { useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { RepairRuleForm } from './RepairRuleForm.js';
import { RuleCard } from './RuleCard.js';
import { RuleSection } from './RuleSection.js';
import { useSpanText } from './use-span-text.js';

/** Alarms become repairs: one rule for all halls, others for single ones. */
export function RepairRules() {
  const { t } = useTranslation(['autoTickets', 'common']);
  const label = useLabel();
  const span = useSpanText();
  const may = useRights();
  const places = usePlaces();
  const client = useQueryClient();
  const { message } = App.useApp();
  const query = useQuery(repairRulesQuery);
  const log = useQuery(repairLogQuery);
  const kinds = useQuery(kindsQuery);
  const [editing, setEditing] = useState<number | 'new'>();
  const rules = query.data ?? [];
  const mayWrite = may('ticketkind.write');
  const save = useMutation({
    mutationFn: saveRepairRules,
    onSuccess: ({ items }) => {
      client.setQueryData(repairRulesQuery.queryKey, items);
      void message.success(t('saved'));
    },
  });
  const hallOf = ({ hallId }: RepairRule) =>
    hallId === null
      ? t(rules.length > 1 ? 'otherHalls' : 'allHalls')
      : label(places.find(({ id }) => id === hallId)?.name) || hallId;
  const kindOf = (code: string) => kinds.data?.find((one) => one.code === code);
  const replace = (index: number, change: Partial<RepairRule>) =>
    save.mutate(rules.map((rule, at) => (at === index ? { ...rule, ...change } : rule)));
  const held = log.data?.heldNow ?? 0;
  return (
    <RuleSection
      title={t('repair.title')}
      hint={t('repair.hint')}
      query={query}
      add={mayWrite ? { text: t('repair.add'), first: t('repair.first'), start: () => setEditing('new') } : undefined}
      none={{ icon: 'alarm', title: t('repair.none'), hint: t('repair.noneHint') }}
      warning={
        held > 0 ? (
          <p className="auto-warn small" role="status">
            {t('repair.heldNow', { count: held })}
          </p>
        ) : null
      }
      error={editing === undefined ? save.error : null}
      card={(rule, index) => (
        <RuleCard
          key={rule.hallId ?? 'all'}
          name={hallOf(rule)}
          what={t(rule.fromSeverity === 'critical' ? 'repair.whatWorst' : 'repair.what', {
            severity: t(`common:severity.${rule.fromSeverity}`),
            kind: label(kindOf(rule.kind)?.label) || rule.kind,
          })}
          numbers={[
            rule.afterSeconds === 0 ? t('repair.atOnce') : t('repair.after', { span: span(rule.afterSeconds) }),
            rule.quietSeconds === 0 ? t('repair.quietNone') : t('repair.quiet', { span: span(rule.quietSeconds) }),
            rule.reopenHours === 0
              ? t('repair.reopenNone')
              : t('repair.reopen', { span: t('hours', { count: rule.reopenHours }) }),
            t('repair.most', { count: rule.mostPerHour }),
          ]}
          enabled={rule.enabled}
          busy={save.isPending}
          mayWrite={mayWrite}
          onSwitch={(enabled) => replace(index, { enabled })}
          onEdit={() => setEditing(index)}
          onRemove={() => save.mutateAsync(rules.filter((_, at) => at !== index)).catch(() => undefined)}
        >
          {kinds.data && !kindOf(rule.kind)?.published ? (
            <p className="auto-warn small">{t('repair.kindGone')}</p>
          ) : null}
        </RuleCard>
      )}
    >
      {editing === undefined ? null : (
        <RepairRuleForm
          rule={editing === 'new' ? undefined : rules[editing]}
          taken={rules.map(({ hallId }) => hallId)}
          busy={save.isPending}
          error={save.error}
          onClose={() => {
            save.reset();
            setEditing(undefined);
          }}
          onSave={(next) =>
            save.mutate(
              editing === 'new' ? [...rules, next] : rules.map((rule, at) => (at === editing ? next : rule)),
              { onSuccess: () => setEditing(undefined) },
            )
          }
        />
      )}
    </RuleSection>
  );
}
