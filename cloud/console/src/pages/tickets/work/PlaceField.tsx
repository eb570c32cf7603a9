import { Button, Input, InputNumber } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlaces } from '../../../app/use-place.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Icon } from '../../../ui/icons.js';
import { type Located, locate } from './locate.js';

export interface PlaceValue {
  text?: string;
  lon?: number;
  lat?: number;
}

interface PlaceFieldProps {
  id: string;
  disabled: boolean;
  status: 'error' | '';
  value: unknown;
  onChange: (value: PlaceValue | null) => void;
}

const digits = 6;
export const round = (degrees: number): number => Number(degrees.toFixed(digits));

/** A place in words, with coordinates where they are known: of here, of a hall, or typed. */
export function PlaceField({ value, onChange, id, disabled, status }: PlaceFieldProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const halls = usePlaces().filter(({ kind, location, archivedAt }) => kind === 'hall' && location && !archivedAt);
  const place = (typeof value === 'object' && value !== null ? value : {}) as PlaceValue;
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<Extract<Located, { ok: false }>['why']>();
  const change = (patch: PlaceValue) => {
    const next = { ...place, ...patch };
    const known = Object.fromEntries(
      Object.entries(next).filter(([, one]) => one !== undefined && one !== ''),
    ) as PlaceValue;
    onChange(Object.keys(known).length > 0 ? known : null);
  };
  const here = async () => {
    const found = await locate();
    setProblem(found.ok ? undefined : found.why);
    if (!found.ok) return;
    setOpen(true);
    change({ lon: round(found.lon), lat: round(found.lat) });
  };
  return (
    <div className="place-field">
      <div className="row">
        <Input
          {...{ id, disabled, status }}
          className="grow"
          maxLength={300}
          value={place.text ?? ''}
          placeholder={t('place.text')}
          onChange={(event) => change({ text: event.target.value })}
        />
        <Button
          icon={<Icon name="place" size={16} />}
          aria-expanded={isOpen}
          disabled={disabled}
          onClick={() => setOpen(!isOpen)}
        >
          {t('place.coordinates')}
        </Button>
      </div>
      {!isOpen && place.lon !== undefined && place.lat !== undefined ? (
        <span className="place-known">
          {place.lat.toFixed(5)}, {place.lon.toFixed(5)}
        </span>
      ) : null}
      {isOpen ? (
        <div className="row row-wrap place-coordinates">
          {(['lon', 'lat'] as const).map((axis) => (
            <InputNumber
              key={axis}
              disabled={disabled}
              aria-label={t(`place.${axis}`)}
              prefix={<span className="faint small">{t(`place.${axis}`)}</span>}
              precision={digits}
              controls={false}
              min={axis === 'lon' ? -180 : -90}
              max={axis === 'lon' ? 180 : 90}
              value={place[axis] ?? null}
              onChange={(next) => change({ [axis]: next ?? undefined })}
            />
          ))}
          <Button size="small" disabled={disabled} onClick={() => void here()}>
            {t('place.here')}
          </Button>
          {halls.slice(0, 3).map((hall) => (
            <Button
              key={hall.id}
              size="small"
              disabled={disabled}
              onClick={() => {
                const location = hall.location;
                if (location) change({ ...location, text: place.text || hall.address || label(hall.name) });
              }}
            >
              {label(hall.name)}
            </Button>
          ))}
          {problem ? <span className="problem-inline small">{t(`place.problem.${problem}`)}</span> : null}
        </div>
      ) : null}
    </div>
  );
}
