import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { del, get, post, put } from './request.js';

export const formSources = ['web_form', 'kiosk', 'guide_screen', 'hotline', 'wechat', 'alipay'] as const;
export type FormSource = (typeof formSources)[number];

/** What of a form is written. */
export interface FormDraft {
  slug: string;
  kind: string;
  title: Label;
  intro: Label | null;
  fields: string[];
  answers: string[];
  hallId: string | null;
  enabled: boolean;
  /** Where its page stands. */
  source: FormSource;
}
export interface TicketForm extends FormDraft {
  id: string;
  path: string;
  version: number;
  createdAt: string;
  submitted: number;
  lastAt: string | null;
}
export interface AskableField {
  key: string;
  label: Label;
  type: string;
  personal: boolean;
  required: boolean;
}
export interface FormPreview {
  html: string;
  slugTaken: boolean;
  fault: string | null;
  askable: AskableField[];
  answerable: { key: string; label: Label }[];
}

export const formsQuery = queryOptions({
  queryKey: ['ticket-forms', 'list'],
  queryFn: ({ signal }) => get<{ items: TicketForm[] }>('/ticket-forms', { signal }).then(({ items }) => items),
});

export const formPreviewQuery = (draft: FormDraft & { formId?: string; language: 'zh' | 'en' }) =>
  queryOptions({
    queryKey: ['ticket-forms', 'preview', draft],
    queryFn: ({ signal }) => post<FormPreview>('/ticket-forms/preview', draft, { signal }),
    staleTime: 30_000,
    gcTime: 30_000,
  });

export const createForm = (draft: FormDraft) => post<TicketForm>('/ticket-forms', draft);
export const changeForm = (form: TicketForm, { slug: _, ...change }: FormDraft) =>
  put<TicketForm>(`/ticket-forms/${form.id}`, change, { ifMatch: etagOf(form) });
export const removeForm = (form: TicketForm) => del<void>(`/ticket-forms/${form.id}`, { ifMatch: etagOf(form) });

/** Where anybody opens it. */
export const addressOf = ({ slug }: { slug: string }): string => `${location.origin}/form/${slug}`;
/** What of it is written, without what the server keeps. */
export const draftOf = ({
  slug,
  kind,
  title,
  intro,
  fields,
  answers,
  hallId,
  enabled,
  source,
}: TicketForm): FormDraft => ({
  ...{ slug, kind, title, intro, fields, answers, hallId, enabled, source },
});
