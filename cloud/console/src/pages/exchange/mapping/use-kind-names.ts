import type { TicketKind } from '@hallhub/shared/ticket';
import { useQueries, useQuery } from '@tanstack/react-query';
import { kindsQuery, kindVersionQuery } from '../../../api/ticket-kinds.js';
import { useRights } from '../../../app/session.js';
import { useLabel } from '../../../i18n/use-language.js';

export interface Option {
  value: string;
  label: string;
}
export interface KindNames {
  readonly kinds: Option[];
  readonly fields: Option[];
  readonly levels: Option[];
  readonly steps: Option[];
  /** Of one step, or of all. */
  readonly actionsOf: (step: string | undefined) => Option[];
  readonly marks: Option[];
  readonly trees: string[];
}

/** What a mapping can name: of one kind, or of every published one. */
export function useKindNames(code: string | undefined): KindNames {
  const label = useLabel();
  const may = useRights();
  const list = useQuery({ ...kindsQuery, enabled: may('ticketkind.read') });
  const usable = (list.data ?? []).filter(({ published, retired }) => published && !retired);
  const wanted = usable.filter((kind) => code === undefined || kind.code === code);
  const read = useQueries({ queries: wanted.map((kind) => kindVersionQuery(kind.code, kind.published?.version ?? 1)) });
  const documents = read.flatMap(({ data }): TicketKind[] => (data ? [data.document] : []));
  const steps = documents.flatMap((kind) => kind.steps.filter(({ end }) => end === undefined));
  const named = (all: readonly { id: string; label: Parameters<typeof label>[0] }[]) =>
    unique(all.map((one) => ({ value: one.id, label: label(one.label) || one.id })));
  return {
    kinds: usable.map((kind) => ({ value: kind.code, label: label(kind.label) })),
    fields: unique(
      documents.flatMap(({ fields }) => fields.map((one) => ({ value: one.key, label: label(one.label) || one.key }))),
    ),
    levels: named(documents.flatMap(({ levels }) => levels)),
    steps: named(steps),
    actionsOf: (step) =>
      named(steps.filter(({ id }) => step === undefined || id === step).flatMap(({ actions }) => actions)),
    marks: unique(
      steps.flatMap(({ actions }) => actions.flatMap(({ marks }) => marks.map((one) => ({ value: one, label: one })))),
    ),
    trees: [
      ...new Set(
        documents.flatMap(({ fields }) => fields.flatMap((one) => (one.type === 'category' ? [one.tree] : []))),
      ),
    ],
  };
}

const unique = (all: readonly Option[]): Option[] => [...new Map(all.map((one) => [one.value, one])).values()];
