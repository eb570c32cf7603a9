import type { ExchangeMapping } from '@hallhub/shared/exchange';
import { useQuery } from '@tanstack/react-query';
import { Cascader, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { categoryTreeQuery } from '../../../api/category-trees.js';
import { officesQuery } from '../../../api/offices.js';
import { useRights } from '../../../app/session.js';
import { useLabel } from '../../../i18n/use-language.js';
import { LabelledRow } from '../../parts/LabelledRow.js';
import { categoryOptions } from '../../tickets/work/category-options.js';
import { ActRows } from './ActRows.js';
import { AlongRows } from './AlongRows.js';
import { FastEditor } from './FastEditor.js';
import { FieldMap } from './FieldMap.js';
import { PairRows } from './PairRows.js';
import { SayRows } from './SayRows.js';
import { TriageRows } from './TriageRows.js';
import { useKindNames } from './use-kind-names.js';

type Incoming = NonNullable<ExchangeMapping['incoming']>;
type Outgoing = NonNullable<ExchangeMapping['outgoing']>;

/** Tickets of theirs that are handled here. */
export function IncomingEditor({ value, onChange }: { value: Incoming; onChange: (value: Incoming) => void }) {
  const { t } = useTranslation('exchange');
  const label = useLabel();
  const names = useKindNames(value.kind);
  const tree = useQuery({ ...categoryTreeQuery(names.trees[0] ?? ''), enabled: names.trees.length > 0 });
  const may = useRights();
  const offices = useQuery({ ...officesQuery, enabled: may('office.read') });
  const set = (change: Partial<Incoming>) => onChange({ ...value, ...change });
  return (
    <>
      <LabelledRow label={t('kind')} hint={t('map.kindHint')}>
        {(id) => <Select id={id} value={value.kind} options={names.kinds} onChange={(kind: string) => set({ kind })} />}
      </LabelledRow>
      <FieldMap value={value.fields} fields={names.fields} onChange={(fields) => set({ fields })} />
      <PairRows
        label={t('map.levels')}
        keyLabel={t('map.theirLevel')}
        value={value.levels}
        fresh={null as string | null}
        control={(level, change, name) => (
          <Select
            value={level}
            allowClear
            aria-label={t('map.ourLevel', { name })}
            placeholder={t('map.noLevel')}
            options={names.levels}
            onChange={(next: string | null) => change(next ?? null)}
          />
        )}
        onChange={(levels) => set({ levels })}
      />
      <PairRows
        label={t('map.categories')}
        keyLabel={t('map.theirCategory')}
        value={value.categories}
        fresh={[] as string[]}
        control={(path, change, name) => (
          <Cascader
            value={path}
            changeOnSelect
            showSearch
            aria-label={t('map.ourCategory', { name })}
            placeholder={t('map.chooseCategory')}
            options={
              tree.data
                ? categoryOptions(
                    tree.data.items.filter(({ retired }) => !retired),
                    label,
                  )
                : []
            }
            onChange={(next) => change((next ?? []) as string[])}
          />
        )}
        onChange={(categories) => set({ categories })}
      />
      <ActRows on={value.on} names={names} onChange={(on) => set({ on })} />
      <SayRows says={value.says} names={names} onChange={(says) => set({ says })} />
      <AlongRows attach={value.attach} opinions={value.opinions} onChange={set} />
      <TriageRows rules={value.triage ?? []} onChange={(triage) => set({ triage })} />
      <FastEditor
        value={value.fast ?? null}
        names={names}
        offices={(offices.data ?? []).map(({ code, name }) => ({ value: code, label: name }))}
        onChange={(fast) => set({ fast })}
      />
    </>
  );
}

/** Tickets of ours that they handle. */
export function OutgoingEditor({ value, onChange }: { value: Outgoing; onChange: (value: Outgoing) => void }) {
  const { t } = useTranslation('exchange');
  const may = useRights();
  const names = useKindNames(undefined);
  const offices = useQuery({ ...officesQuery, enabled: may('office.read') });
  const set = (change: Partial<Outgoing>) => onChange({ ...value, ...change });
  return (
    <>
      <LabelledRow label={t('office')} hint={t('officeHint')}>
        {(id) => (
          <Select
            id={id}
            value={value.office}
            showSearch={{ optionFilterProp: 'label' }}
            options={(offices.data ?? []).map(({ code, name }) => ({ value: code, label: name }))}
            onChange={(office: string) => set({ office })}
          />
        )}
      </LabelledRow>
      <FieldMap value={value.fields} fields={names.fields} onChange={(fields) => set({ fields })} />
      <PairRows
        label={t('map.levels')}
        keyLabel={t('map.ourLevelCode')}
        value={value.levels}
        fresh={null as string | null}
        control={(level, change, name) => (
          <Input
            value={level ?? ''}
            maxLength={64}
            aria-label={t('map.theirLevelOf', { name })}
            placeholder={t('map.noLevel')}
            onChange={({ target }) => change(target.value === '' ? null : target.value)}
          />
        )}
        onChange={(levels) => set({ levels })}
      />
      <PairRows
        label={t('map.categories')}
        keyLabel={t('map.ourCategoryCode')}
        value={value.categories}
        fresh={[] as string[]}
        control={(path, change, name) => (
          <Input
            value={path.join('/')}
            aria-label={t('map.theirCategoryOf', { name })}
            placeholder="01/0102"
            onChange={({ target }) => change(target.value.split('/').map((one) => one.trim()))}
          />
        )}
        onChange={(categories) => set({ categories })}
      />
      <ActRows on={value.on} names={names} onChange={(on) => set({ on })} />
      <SayRows says={value.says} names={names} onChange={(says) => set({ says })} />
      <AlongRows attach={value.attach} opinions={value.opinions} onChange={set} />
    </>
  );
}
