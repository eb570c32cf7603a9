import { Select } from 'antd';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';

interface HallSelectProps {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
}

/** A hall by name, with its region beside it. */
export function HallSelect({ id, value, onChange }: HallSelectProps) {
  const places = usePlaces();
  const label = useLabel();
  const nameOf = (placeId: string | null) => label(places.find((place) => place.id === placeId)?.name);
  return (
    <Select
      {...(id ? { id } : {})}
      showSearch={{ optionFilterProp: 'label' }}
      value={value ?? null}
      onChange={(next) => next && onChange?.(next)}
      options={places
        .filter((place) => place.kind === 'hall' && !place.archivedAt)
        .map((place) => {
          const region = nameOf(place.parentId);
          return { value: place.id, label: region ? `${label(place.name)} · ${region}` : label(place.name) };
        })}
    />
  );
}
