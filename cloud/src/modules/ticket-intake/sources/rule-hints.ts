import { fieldProblem, isEmptyValue, type TicketKind } from '@hallhub/shared/ticket';
import { sourceOf } from './catalogue.js';
import type { RuleHint, WriteIntakeRule } from './source-contract.js';
import { fieldsOf } from './ticket-fields.js';

const uuid = '00000000-0000-7000-8000-000000000000';

/** What a rule's author ought to know before its first ticket does not come, or comes too often. */
export const hintsOf = (
  rule: WriteIntakeRule,
  of: { readonly kind: TicketKind | undefined; readonly isSilent: boolean },
): RuleHint[] => {
  const source = sourceOf(rule.source);
  if (!source) return [{ hint: 'source_unknown', grave: true }];
  const { kind } = of;
  if (!kind) return [{ hint: 'kind_missing', grave: true }];
  const hints: RuleHint[] = [];
  const add = (hint: RuleHint['hint'], keys: readonly string[] | undefined = undefined): void => {
    if (keys !== undefined && keys.length === 0) return;
    const fields = keys?.map((key) => ({
      key,
      label: kind.fields.find((one) => one.key === key)?.label ?? { zh: key },
    }));
    hints.push({ hint, grave: false, ...(fields ? { fields } : {}) });
  };
  if (rule.level !== null && !kind.levels.some(({ id }) => id === rule.level)) add('level_unknown');
  const first = kind.steps.find(({ id }) => id === kind.start);
  const preset = Object.entries(rule.preset).filter(([, value]) => !isEmptyValue(value));
  const fieldOf = (key: string) => kind.fields.find((one) => one.key === key && !one.personal);
  add(
    'preset_unknown',
    preset.flatMap(([key]) => (fieldOf(key) ? [] : [key])),
  );
  add(
    'preset_invalid',
    preset.flatMap(([key, value]) => {
      const field = fieldOf(key);
      return field && fieldProblem(field, value) !== undefined ? [key] : [];
    }),
  );
  add(
    'preset_late',
    preset.flatMap(([key]) => (fieldOf(key) && key !== kind.title && !first?.fields.edit.includes(key) ? [key] : [])),
  );
  const told = {
    title: '·',
    text: '·',
    hallId: uuid,
    deviceId: uuid,
    at: new Date(0),
    named: { against: '·' },
    place: '·',
  };
  const filled = fieldsOf(kind, told, rule.preset);
  add(
    'first_step_asks',
    (first?.fields.required ?? []).filter((key) => isEmptyValue(filled[key])),
  );
  if (of.isSilent) add('source_silent');
  if (source.answers && rule.count === 1 && (rule.match.worst ?? 2) >= 3) add('every_answer');
  if (source.feed === 'finding' && rule.match.when === 'seen') add('at_once');
  if (!kind.fields.some(({ type }) => type === 'hall' || type === 'device' || type === 'place')) add('no_place');
  return hints;
};
