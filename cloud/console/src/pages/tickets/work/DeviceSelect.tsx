import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../../api/devices.js';
import type { Listing } from '../../../api/listing.js';
import { get } from '../../../api/request.js';
import { usePlace } from '../../../app/use-place.js';
import { useLabel } from '../../../i18n/use-language.js';

interface DeviceSelectProps {
  id: string;
  disabled: boolean;
  status: 'error' | '';
  value: string;
  onChange: (value: string | null) => void;
}

/** A device by name, model or number: the server looks for what is typed. */
export function DeviceSelect({ value, onChange, ...given }: DeviceSelectProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const { hallId } = usePlace();
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const query = useQuery({
    queryKey: ['devices', 'choice', hallId ?? null, q],
    queryFn: ({ signal }) => get<Listing<DeviceSummary>>('/devices', { query: { hallId, q, limit: 30 }, signal }),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  const nameOf = (device: DeviceSummary) => label(device.name) || `${device.vendor} ${device.model} ${device.serial}`;
  return (
    <Select
      {...given}
      allowClear
      showSearch={{ filterOption: false, onSearch: setText }}
      loading={query.isFetching}
      placeholder={t('device.choose')}
      notFoundContent={t('device.none')}
      options={(query.data?.items ?? []).map((device) => ({
        value: device.id,
        label: `${nameOf(device)} · ${label(device.hallName)}`,
      }))}
      value={value || null}
      onChange={(next) => onChange(next ?? null)}
    />
  );
}
