import { Select } from 'antd';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';

interface HallSelectProps {
  id?: string;
  value?: string;
  disabled?: boolean;
  /** May be left empty; then `onChange` gets an empty text. */
  clearable?: boolean;
  /** Said while no hall is chosen. */
  placeholder?: string;
  onChange?: (value: string) => void;
}

/** A hall by name, with its region beside it. */
export function HallSelect({ id, value, disabled, clearable, placeholder, onChange }: HallSelectProps) {
  const places = usePlaces();
  const label = useLabel();
  const nameOf = (placeId: string | null) => label(places.find((place) => place.id === placeId)?.name);
  return (
    <Select
      {...(id ? { id } : {})}
      disabled={disabled ?? false}
      {...(placeholder ? { placeholder } : {})}
      showSearch={{ optionFilterProp: 'label' }}
      allowClear={clearable ?? false}
      value={value ?? null}
      onChange={(next) => (next || clearable) && onChange?.(next ?? '')}
      options={places
        .filter((place) => place.kind === 'hall' && !place.archivedAt)
        .map((place) => {
          const region = nameOf(place.parentId);
          return { value: place.id, label: region ? `${label(place.name)} · ${region}` : label(place.name) };
        })}
    />
  );
}
