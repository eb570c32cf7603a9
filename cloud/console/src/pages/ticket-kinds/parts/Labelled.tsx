import { type ReactNode, useId } from 'react';
import { Faults } from './Faults.js';

interface LabelledProps {
  label: string;
  hint?: ReactNode;
  /** Faults of this place stand below. */
  place?: string;
  exact?: boolean;
  /** Several controls: named as a group. */
  group?: boolean;
  wide?: boolean;
  children: (id: string) => ReactNode;
}

/** A control with its name above and what is wrong with it below. */
export function Labelled({ label, hint, place, exact, group, wide, children }: LabelledProps) {
  const id = useId();
  const className = wide ? 'tk-row tk-row-wide' : 'tk-row';
  const below = (
    <>
      {hint ? <p className="tk-hint">{hint}</p> : null}
      {place ? <Faults place={place} {...(exact ? { exact } : {})} /> : null}
    </>
  );
  if (group)
    return (
      <fieldset className={className}>
        <legend className="tk-label">{label}</legend>
        {children(id)}
        {below}
      </fieldset>
    );
  return (
    <div className={className}>
      <label className="tk-label" htmlFor={id}>
        {label}
      </label>
      {children(id)}
      {below}
    </div>
  );
}
