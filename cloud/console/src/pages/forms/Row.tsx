import { type ReactNode, useId } from 'react';

interface RowProps {
  label: string;
  hint?: string;
  problem?: string | undefined;
  children: (id: string) => ReactNode;
}

/** A control with its name above and what is wrong with it, or a hint, below. */
export function Row({ label, hint, problem, children }: RowProps) {
  const id = useId();
  return (
    <div className={problem ? 'form-row is-bad' : 'form-row'}>
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
