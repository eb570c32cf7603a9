import type { ReactNode } from 'react';
import './parts.css';

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Names and values in two columns; what is not known is left out by the caller, not shown empty. */
export function Facts({ facts }: { facts: (Fact | false | null | undefined | '')[] }) {
  return (
    <dl className="facts">
      {facts.map((fact, index) =>
        fact ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: facts keep their places, and labels may repeat
          <div key={`${index}${fact.label}`}>
            <dt>{fact.label}</dt>
            <dd>{fact.value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
