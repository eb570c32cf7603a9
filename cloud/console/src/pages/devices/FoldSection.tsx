import { type ReactNode, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';

interface FoldSectionProps {
  title: string;
  count: number;
  note?: string | undefined;
  /** Something in it asks to be seen. */
  open: boolean;
  children: ReactNode;
}

/** A part of a page that rests folded until somebody, or something in it, opens it. */
export function FoldSection({ title, count, note, open, children }: FoldSectionProps) {
  const { t } = useTranslation('devices');
  const [unfolded, setUnfolded] = useState(open);
  const id = useId();
  useEffect(() => {
    if (open) setUnfolded(true);
  }, [open]);
  return (
    <section className="section" aria-label={title}>
      <h2>
        <button
          type="button"
          className="fold-head"
          aria-expanded={unfolded}
          aria-controls={id}
          onClick={() => setUnfolded(!unfolded)}
        >
          <span className={unfolded ? 'fold-arrow is-open' : 'fold-arrow'}>
            <Icon name="chevron" size={14} />
          </span>
          <span className="section-title">{title}</span>
          <span className="fold-note faint small">{note ?? t('fold.items', { count })}</span>
        </button>
      </h2>
      {unfolded ? (
        <div id={id} className="card">
          {children}
        </div>
      ) : null}
    </section>
  );
}
