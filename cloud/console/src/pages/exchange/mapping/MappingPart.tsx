import type { ReactNode } from 'react';

interface MappingPartProps {
  title: string;
  hint?: string;
  children: ReactNode;
}

/** One question of the mapping, with what it decides. */
export function MappingPart({ title, hint, children }: MappingPartProps) {
  return (
    <section className="mapping-part" aria-label={title}>
      <h3>{title}</h3>
      {hint ? <p className="faint small">{hint}</p> : null}
      {children}
    </section>
  );
}
