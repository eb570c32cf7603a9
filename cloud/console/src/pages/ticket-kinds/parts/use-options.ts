import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { calendarsQuery } from '../../../api/calendars.js';
import { categoryTreesQuery } from '../../../api/category-trees.js';
import { officesQuery } from '../../../api/offices.js';
import { useRights } from '../../../app/session.js';
import { useLabel } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';

export interface Option {
  value: string;
  label: string;
}

/** What a draft can name, in the reader's language. */
export function useOptions() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind } = useDesigner();
  const may = useRights();
  const offices = useQuery({ ...officesQuery, enabled: may('office.read') });
  const calendars = useQuery(calendarsQuery);
  const trees = useQuery(categoryTreesQuery);
  const named = (all: readonly { id: string; label: { zh: string; en?: string | undefined } }[]): Option[] =>
    all.map((one) => ({ value: one.id, label: label(one.label) || one.id }));
  const officeOptions: Option[] = (offices.data ?? []).map(({ code, name }) => ({ value: code, label: name }));
  const own = new Set((calendars.data ?? []).map(({ code }) => code));
  return {
    steps: named(kind.steps),
    works: named(kind.steps.filter(({ end }) => end === undefined)),
    states: named(kind.states),
    levels: named(kind.levels),
    clocks: named(kind.clocks),
    fields: kind.fields.map((field): Option => ({ value: field.key, label: label(field.label) || field.key })),
    fieldsOf: (...types: string[]): Option[] =>
      kind.fields
        .filter(({ type }) => types.includes(type))
        .map((field) => ({ value: field.key, label: label(field.label) })),
    actions: kind.steps.flatMap((step) =>
      step.actions.map((one): Option => ({ value: one.id, label: `${label(step.label)} · ${label(one.label)}` })),
    ),
    marks: [...new Set(kind.steps.flatMap(({ actions }) => actions.flatMap(({ marks }) => marks)))],
    offices: officeOptions,
    /** The office that gets what no rule has anybody for. */
    fallback: offices.data?.find(({ isFallback }) => isFallback)?.name,
    calendars: [
      ...(own.has('always') ? [] : [{ value: 'always', label: t('part.always') }]),
      ...(calendars.data ?? []).map((one): Option => ({ value: one.code, label: label(one.label) })),
    ],
    trees: (trees.data ?? []).map((one): Option => ({ value: one.tree, label: label(one.label) })),
  };
}
