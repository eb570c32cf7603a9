import type { AskableField, FormDraft } from '../../api/ticket-forms.js';

export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;

export const emptyForm: FormDraft = {
  ...{ slug: '', kind: '', title: { zh: '' }, intro: null, fields: [], answers: [], hallId: null },
  ...{ enabled: true, source: 'web_form' },
};

/** What a new form of a kind asks to begin with: all that anybody can answer, in the kind’s order. */
export const firstFields = (askable: readonly AskableField[]): string[] => askable.map(({ key }) => key);

export type FormProblem = 'kind' | 'title' | 'slug' | 'slugTaken' | 'fields';

/** Why a form cannot be saved as it is; a slug that is not written yet is told only once it is asked for. */
export const problemsOf = (
  draft: FormDraft,
  known: { readonly askable: readonly AskableField[]; readonly slugTaken: boolean } | undefined,
): FormProblem[] => {
  const missing = known?.askable.some(({ key, required }) => required && !draft.fields.includes(key));
  return [
    ...(draft.kind === '' ? (['kind'] as const) : []),
    ...(draft.title.zh.trim() === '' ? (['title'] as const) : []),
    ...(slugPattern.test(draft.slug) ? [] : (['slug'] as const)),
    ...(known?.slugTaken ? (['slugTaken'] as const) : []),
    ...(draft.kind !== '' && (missing || draft.fields.length === 0) ? (['fields'] as const) : []),
  ];
};

/** As it is sent: without empty texts. */
export const trimmed = (draft: FormDraft): FormDraft => {
  const text = (label: FormDraft['title']) => ({
    zh: label.zh.trim(),
    ...(label.en?.trim() ? { en: label.en.trim() } : {}),
  });
  const intro = draft.intro && draft.intro.zh.trim() !== '' ? text(draft.intro) : null;
  return { ...draft, title: text(draft.title), intro };
};
