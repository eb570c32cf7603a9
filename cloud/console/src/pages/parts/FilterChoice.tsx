import { Select } from 'antd';
import './parts.css';

interface FilterChoiceProps<T extends string> {
  label: string;
  value: T | undefined;
  options: { value: T; label: React.ReactNode }[];
  onChange: (value: T | undefined) => void;
}

/** One value to filter by; none means all. */
export function FilterChoice<T extends string>({ label, value, options, onChange }: FilterChoiceProps<T>) {
  return (
    <Select<T>
      className="filter-choice"
      allowClear
      value={value ?? null}
      placeholder={label}
      aria-label={label}
      options={options}
      popupMatchSelectWidth={false}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
