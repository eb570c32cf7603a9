import './status-mark.css';

export type Tone = 'quiet' | 'accent' | 'note' | 'warn' | 'bad';
export type Shape = 'dot' | 'ring' | 'triangle' | 'diamond' | 'half' | 'cross' | 'check' | 'square' | 'dashed';

const shapes: Record<Shape, React.ReactNode> = {
  dot: <circle cx="6" cy="6" r="3.5" className="fill" />,
  ring: <circle cx="6" cy="6" r="3.6" />,
  dashed: <circle cx="6" cy="6" r="3.8" strokeDasharray="2.2 1.8" />,
  triangle: <path d="M6 1.6 11 10.4H1Z" className="fill" />,
  diamond: <path d="M6 .8 11.2 6 6 11.2.8 6Z" className="fill" />,
  half: (
    <>
      <circle cx="6" cy="6" r="3.9" />
      <path d="M6 2.1a3.9 3.9 0 0 1 0 7.8Z" className="fill" />
    </>
  ),
  cross: <path d="M2.6 2.6l6.8 6.8M9.4 2.6 2.6 9.4" />,
  check: <path d="M1.8 6.4 4.8 9.4 10.2 3" />,
  square: <rect x="2.4" y="2.4" width="7.2" height="7.2" rx="1" className="fill" />,
};

export interface StatusLook {
  tone: Tone;
  shape: Shape;
}

interface StatusMarkProps extends StatusLook {
  /** The word is always there; `bare` keeps it for screen readers only where a column heading already says it. */
  word: string;
  bare?: boolean;
  title?: string;
}

/** State by colour, shape and word together. */
export function StatusMark({ tone, shape, word, bare, title }: StatusMarkProps) {
  return (
    <span className={`status status-${tone}`} title={title ?? (bare ? word : undefined)}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className="status-shape">
        {shapes[shape]}
      </svg>
      <span className={bare ? 'sr-only' : 'status-word'}>{word}</span>
    </span>
  );
}
