import { Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../../ui/icons.js';
import './parts.css';

interface FilterTextProps {
  value: string | undefined;
  placeholder: string;
  onChange: (value: string | undefined) => void;
}

const settleMs = 250;

/** A text filter that asks the server once typing rests. `/` puts the cursor here. */
export function FilterText({ value, placeholder, onChange }: FilterTextProps) {
  const [text, setText] = useState(value ?? '');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value ?? ''), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim() || undefined), settleMs);
  };
  return (
    <span data-filter className="filter-text">
      <Input
        allowClear
        value={text}
        prefix={<Icon name="search" size={16} />}
        placeholder={placeholder}
        aria-label={placeholder}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </span>
  );
}
