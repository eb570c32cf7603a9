import { phases, ticketSources } from '@hallhub/shared/ticket';
import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listedKindsQuery, officeChoicesQuery } from '../../api/tickets.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { LightMark } from './marks.js';
import { SavedFilters } from './SavedFilters.js';
import { countNarrowing, lightNames, narrowing, type TicketSearch, viewOf } from './ticket-search.js';
import { useSourceName } from './use-source-name.js';

interface TicketFiltersProps {
  search: TicketSearch;
  onChange: (patch: Partial<TicketSearch>) => void;
}

/** Everything that a list can be narrowed by. What stands in them stands in the address. */
export function TicketFilters({ search, onChange }: TicketFiltersProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const may = useRights();
  const source = useSourceName();
  const [isOpen, setOpen] = useState(false);
  const kinds = useQuery(listedKindsQuery);
  const offices = useQuery({ ...officeChoicesQuery, enabled: may('office.read') });
  const kind = kinds.data?.items.find(({ code }) => code === search.kind);
  const count = countNarrowing(search);
  const change = (patch: Partial<TicketSearch>) => onChange({ ...patch, id: undefined });
  const clear = () => change(Object.fromEntries([...narrowing, 'factName'].map((key) => [key, undefined])));
  const officeChoices = (offices.data?.items ?? []).map(({ id, name }) => ({ value: id, label: label(name) }));
  return (
    <search className={isOpen ? 'ticket-filters is-open' : 'ticket-filters'}>
      <FilterText value={search.q} placeholder={t('filter.text')} onChange={(q) => change({ q })} />
      <Button
        className="ticket-filters-more"
        icon={<Icon name="filter" size={16} />}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {count > 0 ? t('filter.count', { count }) : t('filter.more')}
      </Button>
      <div className="ticket-filters-rest">
        {viewOf(search) === 'office' && officeChoices.length > 0 ? (
          <FilterChoice
            label={t('filter.office')}
            value={search.office}
            options={officeChoices}
            onChange={(office) => change({ office })}
          />
        ) : null}
        <FilterChoice
          label={t('filter.light')}
          value={search.light}
          options={lightNames.map((value) => ({ value, label: <LightMark light={value} /> }))}
          onChange={(light) => change({ light })}
        />
        {(kinds.data?.items.length ?? 0) > 0 ? (
          <FilterChoice
            label={t('filter.kind')}
            value={search.kind}
            options={(kinds.data?.items ?? []).map(({ code, document }) => ({
              value: code,
              label: label(document.label),
            }))}
            onChange={(code) => change({ kind: code, state: undefined, level: undefined })}
          />
        ) : null}
        {kind ? (
          <FilterChoice
            label={t('filter.state')}
            value={search.state}
            options={kind.document.states.map(({ id, label: name }) => ({ value: id, label: label(name) }))}
            onChange={(state) => change({ state, phase: undefined })}
          />
        ) : (
          <FilterChoice
            label={t('filter.phase')}
            value={search.phase}
            options={phases.map((value) => ({ value, label: t(`phase.${value}`) }))}
            onChange={(phase) => change({ phase })}
          />
        )}
        {kind && kind.document.levels.length > 0 ? (
          <FilterChoice
            label={t('filter.level')}
            value={search.level}
            options={kind.document.levels.map(({ id, label: name }) => ({ value: id, label: label(name) }))}
            onChange={(level) => change({ level })}
          />
        ) : null}
        <FilterChoice
          label={t('filter.source')}
          value={search.source}
          options={ticketSources.map((value) => ({ value, label: source(value) }))}
          onChange={(value) => change({ source: value })}
        />
        <DatePicker.RangePicker
          className="ticket-range"
          allowEmpty={[true, true]}
          placeholder={[t('filter.from'), t('filter.to')]}
          aria-label={t('filter.made')}
          value={[search.from ? dayjs(search.from) : null, search.to ? dayjs(search.to) : null]}
          onChange={(range) => change({ from: range?.[0]?.format('YYYY-MM-DD'), to: range?.[1]?.format('YYYY-MM-DD') })}
        />
        <Button
          type={search.supervised ? 'primary' : 'default'}
          ghost={Boolean(search.supervised)}
          aria-pressed={Boolean(search.supervised)}
          onClick={() => change({ supervised: search.supervised ? undefined : 'yes' })}
        >
          {t('filter.supervised')}
        </Button>
        {search.fact ? (
          <Button
            type="primary"
            ghost
            title={t('filter.dropFact')}
            onClick={() => change({ fact: undefined, factName: undefined })}
          >
            {search.factName ?? search.fact} <span aria-hidden="true">×</span>
          </Button>
        ) : null}
        {search.requesterOf ? (
          <Button
            type="primary"
            ghost
            title={t('filter.dropRequester')}
            onClick={() => change({ requesterOf: undefined })}
          >
            {t('filter.requester')} <span aria-hidden="true">×</span>
          </Button>
        ) : null}
        {count > 0 ? (
          <Button type="link" size="small" onClick={clear}>
            {t('filter.clear')}
          </Button>
        ) : null}
        <SavedFilters search={search} onChange={onChange} />
      </div>
    </search>
  );
}
