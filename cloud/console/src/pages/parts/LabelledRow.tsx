import { type ReactNode, useId } from 'react';
import './parts.css';

interface LabelledRowProps {
  label: string;
  hint?: string;
  problem?: string | undefined;
  children: (id: string) => ReactNode;
}

/** A control with its name above and what is wrong with it, or a hint, below. */
export function LabelledRow({ label, hint, problem, children }: LabelledRowProps) {
  const id = useId();
  return (
    <div className={problem ? 'labelled-row is-bad' : 'labelled-row'}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {problem ? (
        <p className="problem-inline small" role="alert">
          {problem}
        </p>
      ) : hint ? (
        <p className="faint small">{hint}</p>
      ) : null}
    </div>
  );
}
