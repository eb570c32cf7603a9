import { visionAlgorithms } from '@hallhub/shared/vision';
import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listing } from '../../api/listing.js';
import { get } from '../../api/request.js';
import { decisions } from '../../api/review.js';
import { usePlaces } from '../../app/use-place.js';
import { pickedInstant, pickerOf } from '../../format/picker-time.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { SeverityMark } from '../parts/marks.js';
import { DecisionMark } from './DecisionMark.js';
import { countNarrowing, narrowing, orders, type ReviewSearch, severities, states } from './review-search.js';
import { useAlgorithmName } from './use-algorithm-name.js';

interface ReviewFiltersProps {
  search: ReviewSearch;
  hallId: string | undefined;
  onChange: (patch: Partial<ReviewSearch>) => void;
}

interface CameraOption {
  deviceId: string;
  name: string;
  hallName: string;
}

/** Cameras to choose from: what is typed is looked for on the server, for there may be thousands. */
function useCameraOptions(hallId: string | undefined, q: string) {
  return useQuery({
    queryKey: ['vision', 'list', 'choice', hallId ?? null, q],
    queryFn: ({ signal }) =>
      get<Listing<CameraOption>>('/vision/cameras', { query: { hallId, limit: 50, q: q || undefined }, signal }),
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
}

/** Everything that the list can be narrowed by. What stands in them stands in the address. */
export function ReviewFilters({ search, hallId, onChange }: ReviewFiltersProps) {
  const { t } = useTranslation(['review', 'video']);
  const [isOpen, setOpen] = useState(false);
  const state = search.state ?? (search.number ? 'all' : 'open');
  const count = countNarrowing(search);
  const change = (patch: Partial<ReviewSearch>) => onChange({ ...patch, id: undefined });
  const clear = () => change(Object.fromEntries(narrowing.map((key) => [key, undefined])));
  return (
    <search className={isOpen ? 'desk-filters is-open' : 'desk-filters'}>
      <FilterChoice
        label={t('video:filter.state')}
        value={state}
        options={states.map((value) => ({ value, label: t(`video:filter.stateOf.${value}`) }))}
        onChange={(next) => change({ state: next })}
      />
      <FilterText
        value={search.q ?? search.number}
        placeholder={t('filter.text')}
        onChange={(q) => change({ q, number: undefined, ...(search.number && !q ? { state: undefined } : {}) })}
      />
      <Button className="desk-filters-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {count > 0 ? t('filter.moreCount', { count }) : t('filter.more')}
      </Button>
      <Button type="text" onClick={() => change({ order: search.order === 'oldest' ? undefined : orders[1] })}>
        {t(`video:filter.order.${search.order ?? 'newest'}`)}
      </Button>
      {count > 0 ? (
        <Button type="link" onClick={clear}>
          {t('filter.clear')}
        </Button>
      ) : null}
      <div className="desk-filters-rest">
        <Choices search={search} hallId={hallId} state={state} onChange={change} />
        {search.rule ? (
          <Button
            onClick={() => change({ rule: undefined })}
            icon={<Icon name="close" size={14} />}
            iconPlacement="end"
          >
            {t('filter.oneRule')}
          </Button>
        ) : null}
      </div>
    </search>
  );
}

interface ChoicesProps extends ReviewFiltersProps {
  state: (typeof states)[number];
}

function Choices({ search, hallId, state, onChange }: ChoicesProps) {
  const { t } = useTranslation(['review', 'video']);
  const label = useLabel();
  const algorithm = useAlgorithmName();
  const [typed, setTyped] = useState('');
  const cameras = useCameraOptions(hallId, typed);
  const regions = usePlaces().filter(({ kind, archivedAt }) => kind === 'region' && !archivedAt);
  return (
    <>
      <FilterChoice
        label={t('video:filter.severity')}
        value={search.severity}
        options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))}
        onChange={(severity) => onChange({ severity })}
      />
      <FilterChoice
        label={t('filter.algorithm')}
        value={search.algorithm}
        options={visionAlgorithms.map((value) => ({ value, label: algorithm(value) }))}
        onChange={(next) => onChange({ algorithm: next })}
      />
      {regions.length > 1 && !hallId ? (
        <FilterChoice
          label={t('filter.region')}
          value={search.region}
          options={regions.map(({ id, name }) => ({ value: id, label: label(name) }))}
          onChange={(region) => onChange({ region })}
        />
      ) : null}
      <Select
        className="filter-choice filter-camera"
        allowClear
        showSearch={{ filterOption: false, onSearch: setTyped }}
        value={search.device ?? null}
        placeholder={t('filter.camera')}
        aria-label={t('filter.camera')}
        loading={cameras.isFetching}
        popupMatchSelectWidth={false}
        options={(cameras.data?.items ?? []).map(({ deviceId, name, hallName }) => ({
          value: deviceId,
          label: `${name} · ${hallName}`,
        }))}
        onChange={(device) => onChange({ device: device ?? undefined })}
      />
      {state === 'open' ? null : (
        <FilterChoice
          label={t('video:filter.decision')}
          value={search.decision}
          options={decisions.map((value) => ({ value, label: <DecisionMark decision={value} /> }))}
          onChange={(decision) => onChange({ decision })}
        />
      )}
      <TimeChoice search={search} onChange={onChange} />
    </>
  );
}

function TimeChoice({ search, onChange }: Pick<ReviewFiltersProps, 'search' | 'onChange'>) {
  const { t } = useTranslation(['review', 'video']);
  const today = pickerOf(Date.now()).startOf('day');
  const at = (text: string | undefined) => {
    return text && !Number.isNaN(Date.parse(text)) ? pickerOf(text) : null;
  };
  const picked = (time: Dayjs | null | undefined) => (time ? pickedInstant(time) : undefined);
  return (
    <DatePicker.RangePicker
      className="filter-time"
      showTime={{ format: 'HH:mm' }}
      format="MM-DD HH:mm"
      placeholder={[t('filter.from'), t('filter.to')]}
      aria-label={t('filter.time')}
      allowEmpty={[true, true]}
      value={[at(search.from), at(search.to)]}
      presets={[
        { label: t('filter.preset.today'), value: [today, today.add(1, 'day')] },
        { label: t('filter.preset.yesterday'), value: [today.subtract(1, 'day'), today] },
        { label: t('filter.preset.week'), value: [today.subtract(6, 'day'), today.add(1, 'day')] },
        { label: t('filter.preset.month'), value: [today.subtract(29, 'day'), today.add(1, 'day')] },
      ]}
      onChange={(times) => onChange({ from: picked(times?.[0]), to: picked(times?.[1]) })}
    />
  );
}
