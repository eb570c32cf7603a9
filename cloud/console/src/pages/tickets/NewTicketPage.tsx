import { fieldProblem, isEmptyValue } from '@hallhub/shared/ticket';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { isApiError } from '../../api/api-error.js';
import { type MakeableKind, makeableKindsQuery, makeTicket } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Keys } from '../../ui/KeyHints.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { HallSelect } from '../parts/HallSelect.js';
import { AssistPanel } from './assist/AssistPanel.js';
import { FieldForm } from './work/FieldForm.js';
import { focusField } from './work/focus-field.js';
import { Intent } from './work/intent.js';
import { makeKeys } from './work/make-keys.js';
import { RefusedWord } from './work/RefusedWord.js';
import { refusalOf } from './work/refusal.js';
import { useDraft } from './work/use-draft.js';
import './tickets.css';

const searchSchema = z.object({ kind: anyText, device: anyText, parent: anyText });

/** A ticket of any kind that this person may make. */
export default function NewTicketPage() {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const [search, setSearch] = useSearchState(searchSchema);
  const kinds = useQuery(makeableKindsQuery);
  const items = kinds.data?.items ?? [];
  const kind = items.find(({ code }) => code === search.kind) ?? items[0];
  if (!kinds.data) {
    return kinds.error ? <ErrorState error={kinds.error} onRetry={() => void kinds.refetch()} /> : <PageLoading />;
  }
  return (
    <Page title={t('make.title')} trail={<AppLink to={paths.tickets()}>{t('title')}</AppLink>}>
      {kind ? (
        <div className="make">
          <div className="field">
            <label htmlFor="make-kind" id="make-kind-label">
              {t('make.kind')}
            </label>
            {items.length <= 4 ? (
              <Segmented
                id="make-kind"
                aria-labelledby="make-kind-label"
                className="field-segments"
                options={items.map((one) => ({ value: one.code, label: label(one.document.label) }))}
                value={kind.code}
                onChange={(code) => setSearch({ kind: code })}
              />
            ) : (
              <Select
                id="make-kind"
                showSearch={{ optionFilterProp: 'label' }}
                options={items.map((one) => ({ value: one.code, label: label(one.document.label) }))}
                value={kind.code}
                onChange={(code) => setSearch({ kind: code })}
              />
            )}
          </div>
          <MakeForm key={kind.code} kind={kind} deviceId={search.device} parentId={search.parent} />
        </div>
      ) : (
        <Empty icon="ticket" title={t('make.none.title')} hint={t('make.none.hint')} />
      )}
    </Page>
  );
}

const sourceKey = 'hallhub.make.source';
/** Whoever sits at the telephone sits there all day. */
const lastSource = (): 'console' | 'hotline' =>
  sessionStorage.getItem(sourceKey) === 'hotline' ? 'hotline' : 'console';

interface MakeFormProps {
  kind: MakeableKind;
  deviceId: string | undefined;
  parentId: string | undefined;
}

function MakeForm({ kind, deviceId, parentId }: MakeFormProps) {
  const { t } = useTranslation(['tickets', 'common']);
  const label = useLabel();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { hallId } = usePlace();
  const { document } = kind;
  const { keys, required } = useMemo(() => makeKeys(document), [document]);
  const personal = useMemo(
    () => new Set(document.fields.filter((field) => field.personal).map(({ key }) => key)),
    [document],
  );
  const draft = useDraft(`new.${kind.code}`, personal);
  const [level, setLevel] = useState<string | null>(null);
  const [source, setSource] = useState(lastSource);
  const [hall, setHall] = useState(hallId);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const [intent] = useState(() => new Intent());
  const fields = Object.fromEntries(
    Object.entries(draft.fields).filter(([key, value]) => keys.includes(key) && !isEmptyValue(value)),
  );
  const problems: Record<string, string> = {};
  for (const field of document.fields) {
    const value = fields[field.key];
    if (isEmptyValue(value)) {
      if (tried && required.includes(field.key)) problems[field.key] = 'missing';
    } else if (tried || touched.has(field.key)) {
      const code = fieldProblem(field, value);
      if (code) problems[field.key] = code;
    }
  }
  // A kind that asks for the hall is not asked for it twice; until one is said, the chosen place stands.
  const asked = document.fields.find(({ key, type }) => type === 'hall' && keys.includes(key));
  const answered = asked && fields[asked.key];
  const make = useMutation({
    mutationFn: () => {
      const input = {
        kind: kind.code,
        fields: fields as Parameters<typeof makeTicket>[0]['fields'],
        level,
        hallId: answered ? null : (hall ?? null),
        deviceId: deviceId ?? null,
        parentId: parentId ?? null,
        source,
      };
      return makeTicket(input, intent.keyFor(input));
    },
    onSuccess: (row) => {
      draft.clear();
      void client.invalidateQueries({ queryKey: ['tickets'] });
      void navigate({ to: paths.ticket(row.id) as string });
    },
    onError: (error) => {
      if (isApiError(error) && error.status >= 400 && error.status < 500) intent.answered();
    },
  });
  const refused = refusalOf(make.error);
  const problem = useProblemText(make.error);
  const send = () => {
    setTried(true);
    const wrong = document.fields.find((field) => {
      const value = fields[field.key];
      return isEmptyValue(value) ? required.includes(field.key) : fieldProblem(field, value) !== undefined;
    });
    if (wrong) {
      focusField(wrong.key);
      return;
    }
    if (!make.isPending) make.mutate();
  };
  useKeys([{ key: 'mod+enter', does: t('make.send'), run: send, inFields: true }]);
  const put = (key: string, value: unknown) => {
    setTouched((was) => new Set(was).add(key));
    draft.set(key, value);
  };
  return (
    <div className="make-with-assist">
      <form
        className="make-form card card-pad"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {draft.wasThere && Object.keys(draft.fields).length > 0 ? (
          <div className="work-draft row row-wrap">
            <span className="small soft grow">{t('work.draft')}</span>
            <button type="button" className="text-button small" onClick={draft.clear}>
              {t('work.dropDraft')}
            </button>
          </div>
        ) : null}
        <FieldForm
          document={document}
          keys={keys}
          required={required}
          value={(key) => draft.fields[key]}
          onChange={put}
          problems={{ ...refused?.fields, ...problems }}
        />
        <div className="field-row">
          <div className="field">
            <span id="make-source">{t('make.source')}</span>
            <Segmented
              aria-labelledby="make-source"
              className="field-segments"
              options={[
                { value: 'console' as const, label: t('make.inPerson') },
                { value: 'hotline' as const, label: t('make.byTelephone') },
              ]}
              value={source}
              onChange={(next) => {
                setSource(next);
                sessionStorage.setItem(sourceKey, next);
              }}
            />
          </div>
          {document.levels.length > 0 ? (
            <div className="field">
              <span id="make-level">{t('make.level')}</span>
              <Segmented
                aria-labelledby="make-level"
                className="field-segments"
                options={[
                  { value: '', label: t('make.noLevel') },
                  ...document.levels.map((one) => ({ value: one.id, label: label(one.label) })),
                ]}
                value={level ?? ''}
                onChange={(next) => setLevel(next || null)}
              />
            </div>
          ) : null}
          {asked ? null : (
            <div className="field">
              <label htmlFor="make-hall">
                {t('make.hall')} <span className="faint">{t('common:optional')}</span>
              </label>
              <HallSelect id="make-hall" {...(hall ? { value: hall } : {})} onChange={setHall} />
            </div>
          )}
        </div>
        {make.error ? (
          refused ? (
            <RefusedWord refused={refused} document={document} />
          ) : (
            <p role="alert" className="problem-inline">
              {problem.what} {problem.next}
            </p>
          )
        ) : null}
        <div className="act-send">
          <Button type="primary" htmlType="submit" loading={make.isPending}>
            {t('make.send')}
            <Keys keys="mod+↵" />
          </Button>
        </div>
      </form>
      <AssistPanel
        document={document}
        about={{
          kind: kind.code,
          fields,
          hallId: typeof answered === 'string' ? answered : (hall ?? null),
          deviceId: deviceId ?? null,
          ticketId: null,
        }}
        onField={put}
        onLevel={setLevel}
        level={level}
      />
    </div>
  );
}
