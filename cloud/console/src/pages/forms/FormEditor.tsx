import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Checkbox, Input, Select, Switch } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  changeForm,
  createForm,
  type FormDraft,
  formPreviewQuery,
  formSources,
  type TicketForm,
} from '../../api/ticket-forms.js';
import { kindsQuery } from '../../api/ticket-kinds.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page, Section } from '../../ui/Page.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';
import { LabelledRow } from '../parts/LabelledRow.js';
import { LabelPair } from '../parts/LabelPair.js';
import { useSettled } from '../tickets/assist/use-settled.js';
import { useSourceName } from '../tickets/use-source-name.js';
import { AskedFields } from './AskedFields.js';
import { firstFields, problemsOf, slugPattern, trimmed } from './form-draft.js';
import { PagePreview } from './PagePreview.js';
import './forms.css';

interface FormEditorProps {
  /** Left out: a new one. */
  form?: TicketForm;
  first: FormDraft;
  mayWrite: boolean;
}

/** What a form asks, with the page beside it as it will be. */
export function FormEditor({ form, first, mayWrite }: FormEditorProps) {
  const { t } = useTranslation(['ticketForms', 'common']);
  const label = useLabel();
  const sourceName = useSourceName();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [draft, setDraft] = useState(first);
  const [asked, setAsked] = useState(false);
  const [language, setLanguage] = useState(useLanguage());
  const kinds = useQuery(kindsQuery);
  const set = (change: Partial<FormDraft>) => setDraft((was) => ({ ...was, ...change }));
  const settled = useSettled(draft, JSON.stringify(draft), 350);
  const shown = {
    ...{ ...trimmed(settled), language, slug: slugPattern.test(settled.slug) ? settled.slug : 'preview' },
    ...(settled.title.zh.trim() === '' ? { title: { zh: t('untitled') } } : {}),
    ...(form ? { formId: form.id } : {}),
  };
  const preview = useQuery({
    ...formPreviewQuery(shown),
    enabled: settled.kind !== '',
    placeholderData: (before) => before,
  });
  const known = draft.kind === '' ? undefined : preview.data;
  const isOwnSlug = form !== undefined || settled.slug !== draft.slug || !slugPattern.test(draft.slug);
  const problems = problemsOf(draft, known && { ...known, slugTaken: known.slugTaken && !isOwnSlug });
  const told = (problem: (typeof problems)[number]) =>
    asked && problems.includes(problem) ? t(`problem.${problem}`) : undefined;
  // A kind just chosen: its questions all stand on the page, to be taken off.
  const isFresh =
    preview.data && !preview.isPlaceholderData && draft.fields.length === 0 && settled.kind === draft.kind;
  const [begun, setBegun] = useState(form?.kind ?? '');
  useEffect(() => {
    if (!isFresh || begun === draft.kind || !preview.data) return;
    setBegun(draft.kind);
    const fields = firstFields(preview.data.askable);
    const answers = preview.data.answerable.filter(({ key }) => key === 'reply').map(({ key }) => key);
    setDraft((was) => ({ ...was, fields, answers }));
  }, [isFresh, begun, draft.kind, preview.data]);
  const save = useMutation({
    mutationFn: () => (form ? changeForm(form, trimmed(draft)) : createForm(trimmed(draft))),
    onSuccess: (saved) => {
      void message.success(t('common:saved'));
      void client.invalidateQueries({ queryKey: ['ticket-forms'] });
      void navigate({ to: paths.ticketForms() as string, search: { id: saved.id } as never });
    },
  });
  const trySave = () => {
    setAsked(true);
    if (problems.length === 0) return save.mutate();
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('.labelled-row.is-bad :is(input, button)')?.focus(),
    );
  };
  const usable = (kinds.data ?? []).filter((kind) => kind.published && !kind.retired);
  const slugProblem =
    told('slug') ?? told('slugTaken') ?? (known?.slugTaken && !isOwnSlug ? t('problem.slugTaken') : undefined);
  return (
    <Page
      title={form ? label(form.title) : t('new')}
      trail={<AppLink to={paths.ticketForms()}>{t('title')}</AppLink>}
      actions={
        mayWrite ? (
          <Button type="primary" loading={save.isPending} onClick={trySave}>
            {t('common:save')}
          </Button>
        ) : undefined
      }
    >
      <div className="form-columns">
        <div className="form-parts">
          <FormProblem error={save.error} />
          <Section title={t('part.page')}>
            <div className="card-pad stack form-fields">
              <LabelledRow label={t('kind')} hint={t('kindHint')} problem={told('kind')}>
                {(id) => (
                  <Select
                    id={id}
                    value={draft.kind || null}
                    disabled={!mayWrite}
                    showSearch={{ optionFilterProp: 'label' }}
                    placeholder={t('chooseKind')}
                    loading={kinds.isPending}
                    options={usable.map(({ code, label: name }) => ({ value: code, label: label(name) }))}
                    onChange={(kind) => kind && set({ kind, fields: [], answers: [] })}
                  />
                )}
              </LabelledRow>
              <div className={told('title') ? 'labelled-row is-bad' : 'labelled-row'}>
                <LabelPair
                  label={t('name')}
                  value={draft.title}
                  maxLength={60}
                  disabled={!mayWrite}
                  problem={told('title')}
                  onChange={(title) => set({ title })}
                />
              </div>
              <LabelPair
                label={t('intro')}
                value={draft.intro ?? { zh: '' }}
                lines
                optional
                maxLength={500}
                disabled={!mayWrite}
                onChange={(intro) => set({ intro })}
              />
              <LabelledRow label={t('address')} hint={form ? t('slugKept') : t('slugHint')} problem={slugProblem}>
                {(id) => (
                  <Input
                    id={id}
                    value={draft.slug}
                    disabled={form !== undefined || !mayWrite}
                    prefix={<span className="faint">{`${location.host}/form/`}</span>}
                    maxLength={48}
                    spellCheck={false}
                    autoCapitalize="none"
                    status={slugProblem ? 'error' : ''}
                    onChange={({ target }) => set({ slug: target.value.toLowerCase() })}
                  />
                )}
              </LabelledRow>
              <LabelledRow label={t('hall')} hint={t('hallHint')}>
                {(id) => (
                  <HallSelect
                    id={id}
                    clearable
                    disabled={!mayWrite}
                    {...(draft.hallId ? { value: draft.hallId } : {})}
                    onChange={(hallId) => set({ hallId: hallId || null })}
                  />
                )}
              </LabelledRow>
              <LabelledRow label={t('stands')} hint={t('standsHint')}>
                {(id) => (
                  <Select
                    id={id}
                    disabled={!mayWrite}
                    value={draft.source}
                    options={formSources.map((value) => ({ value, label: sourceName(value) }))}
                    onChange={(source) => set({ source })}
                  />
                )}
              </LabelledRow>
              <div className="switch-row">
                <Switch
                  checked={draft.enabled}
                  disabled={!mayWrite}
                  aria-label={t('enabledHint')}
                  onChange={(enabled) => set({ enabled })}
                />
                {t('enabledHint')}
              </div>
            </div>
          </Section>
          <Section title={t('part.questions')}>
            <div className={told('fields') ? 'card-pad stack labelled-row is-bad' : 'card-pad stack labelled-row'}>
              {known ? (
                <AskedFields
                  askable={known.askable}
                  fields={draft.fields}
                  disabled={!mayWrite}
                  onChange={(fields) => set({ fields })}
                />
              ) : (
                <p className="soft">{t('kindFirst')}</p>
              )}
              {told('fields') ? <p className="problem-inline small">{told('fields')}</p> : null}
            </div>
          </Section>
          {known && known.answerable.length > 0 ? (
            <Section title={t('part.answers')}>
              <div className="card-pad stack">
                <p className="soft">{t('answersHint')}</p>
                <Checkbox.Group
                  className="form-answers"
                  value={draft.answers}
                  disabled={!mayWrite}
                  options={known.answerable.map(({ key, label: name }) => ({ value: key, label: label(name) }))}
                  onChange={(answers) => set({ answers: answers as string[] })}
                />
              </div>
            </Section>
          ) : null}
        </div>
        <PagePreview
          html={draft.kind === '' ? undefined : preview.data?.html}
          error={preview.error}
          language={language}
          onLanguage={setLanguage}
        />
      </div>
    </Page>
  );
}
