import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePresets } from './use-presets.js';

interface PresetFieldProps {
  deviceId: string;
  /** The preset's token. */
  value: string | undefined;
  /** Of the camera's other views: no two stand at the same preset. */
  taken: readonly string[];
  readOnly: boolean;
  onChange: (token: string | undefined) => void;
}

/** One of the presets that the camera told; a token that it did not tell can be typed, for its unit may be away. */
export function PresetField({ deviceId, value, taken, readOnly, onChange }: PresetFieldProps) {
  const { t } = useTranslation('cameras');
  const { presets, state, ask } = usePresets(deviceId);
  const [typed, setTyped] = useState('');
  const told = presets.filter(({ token }) => token === value || !taken.includes(token));
  const options = told.map(({ token, name }) => ({ value: token, label: name || token, find: `${name} ${token}` }));
  for (const token of new Set([value, typed.trim()])) {
    if (token && !presets.some((preset) => preset.token === token) && !taken.includes(token))
      options.push({ value: token, label: t('preset.byToken', { token }), find: token });
  }
  return (
    <div className="preset-field">
      <span className="small faint" aria-hidden="true">
        {t('preset.label')}
      </span>
      <Select
        aria-label={t('preset.label')}
        showSearch
        allowClear
        value={value ?? null}
        disabled={readOnly}
        loading={state === 'asking'}
        options={options}
        optionFilterProp="find"
        placeholder={t('preset.choose')}
        searchValue={typed}
        onSearch={(text) => setTyped(text.slice(0, 64))}
        onOpenChange={(isOpen) => (isOpen ? ask() : setTyped(''))}
        onChange={(token: string | null) => onChange(token ?? undefined)}
        notFoundContent={<span className="small faint">{t(`preset.say.${state}`)}</span>}
      />
    </div>
  );
}
